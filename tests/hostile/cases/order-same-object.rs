// Two operations on one object, in no order.
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
