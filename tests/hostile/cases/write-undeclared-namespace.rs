// Writes into a namespace that it did not declare.
#![no_main]
use hostile::*;

struct Case;

impl Hostile for Case {
    fn plan_for(_: Request) -> Result<Plan, Failure> {
        Ok(plan([create(object(config_maps(), Some("kube-system"), "hostile-a"), json!({}))]))
    }
}

hostile!(Case);

// exit: 2
// error: the phase wants to do more than it is allowed to; nothing was sent
//   create configmaps (ConfigMap) in kube-system named `hostile-a`: the phase does not declare it
