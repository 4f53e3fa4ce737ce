// Patches an object on condition that it does not exist.
#![no_main]
use hostile::*;

struct Case;

impl Hostile for Case {
    fn plan_for(_: Request) -> Result<Plan, Failure> {
        Ok(plan([Operation { when: Precondition::Absent, ..patch(config_map("hostile-a"), json!({})) }]))
    }
}

hostile!(Case);

// exit: 2
// error: the phase wants to do more than it is allowed to; nothing was sent
//   operation `patch-hostile-a`: its precondition does not match its action
