// A patch that takes the kind away.
use hostile::*;

struct Case;

impl Hostile for Case {
    fn plan_for(_: Request) -> Result<Plan, Failure> {
        Ok(plan([patch(config_map("hostile-present"), json!({ "kind": null }))]))
    }
}

hostile!(Case);
