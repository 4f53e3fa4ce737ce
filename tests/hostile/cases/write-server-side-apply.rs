// Creates by server-side apply what was granted for updates alone.
// grant: narrow
#![no_main]
use hostile::*;

struct Case;

impl Hostile for Case {
    fn need(_: Request) -> Result<Needs, Failure> {
        Ok(reads([config_map("hostile-present")]))
    }

    fn plan_for(_: Request) -> Result<Plan, Failure> {
        let target = config_map("hostile-present");
        let body = body(&target, json!({})).to_string();
        Ok(plan([operation("apply", target, Action::Apply(body), Precondition::Any)]))
    }
}

hostile!(Case);

// exit: 2
// error: the phase wants to do more than it is allowed to; nothing was sent
//   create configmaps (ConfigMap) in kube-public named `hostile-present`: not granted
//   hint: if that is right, write this grant to a file and pass it with --grant FILE:
// apiVersion: bootstrap-token.kubectl/v1alpha1
// kind: Grant
// tasks:
// - name: apply
//   permissions:
//   - access:
//     - create
//     group: ""
//     version: v1
//     resource: configmaps
//     kind: ConfigMap
//     namespace: kube-public
//     names:
//     - hostile-*
//     reason: a test
