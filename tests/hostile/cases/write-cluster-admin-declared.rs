// Makes everybody an administrator, as it declared; nobody granted it.
#![no_main]
use hostile::*;

struct Case;

impl Hostile for Case {
    fn describe() -> Description {
        let of = cluster_role_binding("").of;
        described([permission(vec![Access::Create], of, None, "hostile-*")])
    }

    fn plan_for(_: Request) -> Result<Plan, Failure> {
        let role = json!({ "apiGroup": "rbac.authorization.k8s.io", "kind": "ClusterRole", "name": "cluster-admin" });
        let everybody = json!([{ "apiGroup": "rbac.authorization.k8s.io", "kind": "Group", "name": "system:anonymous" }]);
        Ok(plan([create(cluster_role_binding("hostile-admin"), json!({ "roleRef": role, "subjects": everybody }))]))
    }
}

hostile!(Case);

// exit: 2
// error: the phase wants to do more than it is allowed to; nothing was sent
//   create clusterrolebindings.rbac.authorization.k8s.io (ClusterRoleBinding) named `hostile-admin`: not granted
//   hint: if that is right, write this grant to a file and pass it with --grant FILE:
// apiVersion: bootstrap-token.kubectl/v1alpha1
// kind: Grant
// tasks:
// - name: apply
//   permissions:
//   - access:
//     - create
//     group: rbac.authorization.k8s.io
//     version: v1
//     resource: clusterrolebindings
//     kind: ClusterRoleBinding
//     names:
//     - hostile-*
//     reason: a test
