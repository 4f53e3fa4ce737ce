// A patch that gives the object another name.
use hostile::*;

struct Case;

impl Hostile for Case {
    fn plan_for(_: Request) -> Result<Plan, Failure> {
        Ok(plan([patch(config_map("hostile-present"), json!({ "metadata": { "name": "cluster-info" } }))]))
    }
}

hostile!(Case);
