// Takes subjects out of a binding, as it declared; nobody granted it.
// grant: see-bindings
#![no_main]
use hostile::*;

struct Case;

impl Hostile for Case {
    fn describe() -> Description {
        described([revoking()])
    }

    fn need(_: Request) -> Result<Needs, Failure> {
        Ok(reads([viewers()]))
    }

    fn plan_for(_: Request) -> Result<Plan, Failure> {
        Ok(plan([patch(viewers(), json!({ "subjects": [] }))]))
    }
}

hostile!(Case);

// exit: 2
// error: the phase wants to do more than it is allowed to; nothing was sent
//   revoke clusterrolebindings.rbac.authorization.k8s.io (ClusterRoleBinding) named `hostile-viewers`: not granted
//   hint: if that is right, write this grant to a file and pass it with --grant FILE:
// apiVersion: bootstrap-token.kubectl/v1alpha1
// kind: Grant
// tasks:
// - name: apply
//   permissions:
//   - access:
//     - revoke
//     group: rbac.authorization.k8s.io
//     version: v1
//     resource: clusterrolebindings
//     kind: ClusterRoleBinding
//     names:
//     - "*"
//     reason: a test
