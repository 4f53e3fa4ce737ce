// An operation waits for one that does not exist.
#![no_main]
use hostile::*;

struct Case;

impl Hostile for Case {
    fn plan_for(_: Request) -> Result<Plan, Failure> {
        Ok(plan([after(["nobody"], create(config_map("hostile-a"), json!({})))]))
    }
}

hostile!(Case);

// exit: 2
// error: the phase proposed a plan that is not valid
//   caused by: operation `create-hostile-a` comes after `nobody`, which does not exist
