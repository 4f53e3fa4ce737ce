// Writes an object of a kind that it did not declare.
#![no_main]
use hostile::*;

struct Case;

impl Hostile for Case {
    fn plan_for(_: Request) -> Result<Plan, Failure> {
        let of = resource("apps", "v1", "daemonsets", "DaemonSet");
        Ok(plan([create(object(of, Some("kube-public"), "hostile-a"), json!({}))]))
    }
}

hostile!(Case);

// exit: 2
// error: the phase wants to do more than it is allowed to; nothing was sent
//   create daemonsets.apps (DaemonSet) in kube-public named `hostile-a`: the phase does not declare it
