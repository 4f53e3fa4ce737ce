// Changes an object as it was observed, but has not looked at it.
#![no_main]
use hostile::*;

struct Case;

impl Hostile for Case {
    fn plan_for(_: Request) -> Result<Plan, Failure> {
        let change = json!({ "data": { "a": "c" } });
        Ok(plan([patch(config_map("hostile-other"), change)]))
    }
}

hostile!(Case);

// exit: 2
// error: the phase wants to do more than it is allowed to; nothing was sent
//   operation `patch-hostile-other`: it depends on an object that was not read
