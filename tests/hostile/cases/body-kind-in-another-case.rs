// Writes a ConfigMap with another kind beside its own, in another case.
#![no_main]
use hostile::*;

struct Case;

impl Hostile for Case {
    fn plan_for(_: Request) -> Result<Plan, Failure> {
        Ok(plan([create(config_map("hostile-a"), json!({ "Kind": "Secret" }))]))
    }
}

hostile!(Case);

// exit: 2
// error: the phase wants to do more than it is allowed to; nothing was sent
//   operation `create-hostile-a`: its body has `Kind`, which would make it a list or another object when applied
