// Two operations on one object, in no order.
#![no_main]
use hostile::*;

struct Case;

impl Hostile for Case {
    fn plan_for(_: Request) -> Result<Plan, Failure> {
        let there = || config_map("hostile-present");
        let delete = operation("delete", there(), Action::Delete, Precondition::Any);
        Ok(plan([patch(there(), json!({ "data": { "a": "c" } })), delete]))
    }
}

hostile!(Case);

// exit: 2
// error: the phase proposed a plan that is not valid
//   caused by: operations `patch-hostile-present` and `delete` target the same object, but their order is not defined
