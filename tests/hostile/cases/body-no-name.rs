// A body that leaves its name to the API server.
use hostile::*;

struct Case;

impl Hostile for Case {
    fn plan_for(_: Request) -> Result<Plan, Failure> {
        Ok(plan([create(config_map("hostile-a"), json!({ "metadata": { "name": null, "generateName": "hostile-" } }))]))
    }
}

hostile!(Case);
