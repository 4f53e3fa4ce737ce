// An operation waits for itself.
#![no_main]
use hostile::*;

struct Case;

impl Hostile for Case {
    fn plan_for(_: Request) -> Result<Plan, Failure> {
        Ok(plan([after(["create-hostile-a"], create(config_map("hostile-a"), json!({})))]))
    }
}

hostile!(Case);

// exit: 2
// error: the phase proposed a plan that is not valid
//   caused by: operations depend on each other in a cycle: create-hostile-a
