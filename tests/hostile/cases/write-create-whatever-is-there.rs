// Creates an object even if it is there.
use hostile::*;

struct Case;

impl Hostile for Case {
    fn plan_for(_: Request) -> Result<Plan, Failure> {
        Ok(plan([Operation { when: Precondition::Any, ..create(config_map("hostile-present"), json!({})) }]))
    }
}

hostile!(Case);
