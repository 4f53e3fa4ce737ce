// A body that asks for a name of the API server beside its own.
use hostile::*;

struct Case;

impl Hostile for Case {
    fn plan_for(_: Request) -> Result<Plan, Failure> {
        Ok(plan([create(config_map("hostile-a"), json!({ "metadata": { "generateName": "cluster-" } }))]))
    }
}

hostile!(Case);
