// A patch that moves the object to another namespace.
#![no_main]
use hostile::*;

struct Case;

impl Hostile for Case {
    fn plan_for(_: Request) -> Result<Plan, Failure> {
        Ok(plan([patch(config_map("hostile-present"), json!({ "metadata": { "namespace": "kube-system" } }))]))
    }
}

hostile!(Case);

// exit: 2
// error: the phase wants to do more than it is allowed to; nothing was sent
//   operation `patch-hostile-present`: its body says `metadata.namespace` is `kube-system`, its target says `kube-public`
