// Writes what it declared, of which less was granted.
// grant: narrow
#![no_main]
use hostile::*;

struct Case;

impl Hostile for Case {
    fn need(_: Request) -> Result<Needs, Failure> {
        Ok(reads([config_map("hostile-present")]))
    }

    fn plan_for(_: Request) -> Result<Plan, Failure> {
        Ok(plan([create(config_map("hostile-a"), json!({})), patch(config_map("hostile-present"), json!({ "data": null }))]))
    }
}

hostile!(Case);

// exit: 2
// error: the phase wants to do more than it is allowed to; nothing was sent
//   create configmaps (ConfigMap) in kube-public named `hostile-a`: not granted
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
