// A body that says which version it replaces.
use hostile::*;

struct Case;

impl Hostile for Case {
    fn plan_for(_: Request) -> Result<Plan, Failure> {
        Ok(plan([create(config_map("hostile-a"), json!({ "metadata": { "resourceVersion": "1" } }))]))
    }
}

hostile!(Case);
