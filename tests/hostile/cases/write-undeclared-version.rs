// Writes a declared kind by another version.
#![no_main]
use hostile::*;

struct Case;

impl Hostile for Case {
    fn plan_for(_: Request) -> Result<Plan, Failure> {
        let of = resource("", "v2", "configmaps", "ConfigMap");
        Ok(plan([create(object(of, Some("kube-public"), "hostile-a"), json!({}))]))
    }
}

hostile!(Case);

// exit: 2
// error: the phase wants to do more than it is allowed to; nothing was sent
//   create configmaps (ConfigMap) in kube-public named `hostile-a`: the phase does not declare it
