// A body of another object than the target: the API version.
#![no_main]
use hostile::*;

struct Case;

impl Hostile for Case {
    fn plan_for(_: Request) -> Result<Plan, Failure> {
        Ok(plan([create(config_map("hostile-a"), json!({ "apiVersion": "rbac.authorization.k8s.io/v1" }))]))
    }
}

hostile!(Case);

// exit: 2
// error: the phase wants to do more than it is allowed to; nothing was sent
//   operation `create-hostile-a`: its body says `apiVersion` is `rbac.authorization.k8s.io/v1`, its target says `v1`
