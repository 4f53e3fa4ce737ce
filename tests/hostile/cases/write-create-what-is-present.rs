// Creates an object that it has seen to be there.
use hostile::*;

struct Case;

impl Hostile for Case {
    fn plan_for(_: Request) -> Result<Plan, Failure> {
        Ok(plan([create(config_map("hostile-present"), json!({}))]))
    }
}

hostile!(Case);
