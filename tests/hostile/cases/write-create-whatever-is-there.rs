// Creates an object even if it is there.
#![no_main]
use hostile::*;

struct Case;

impl Hostile for Case {
    fn plan_for(_: Request) -> Result<Plan, Failure> {
        Ok(plan([Operation { when: Precondition::Any, ..create(config_map("hostile-present"), json!({})) }]))
    }
}

hostile!(Case);

// exit: 2
// error: the phase wants to do more than it is allowed to; nothing was sent
//   operation `create-hostile-present`: its precondition does not match its action
