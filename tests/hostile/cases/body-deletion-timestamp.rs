// A body that is already being deleted.
use hostile::*;

struct Case;

impl Hostile for Case {
    fn plan_for(_: Request) -> Result<Plan, Failure> {
        Ok(plan([create(config_map("hostile-a"), json!({ "metadata": { "deletionTimestamp": "2020-01-01T00:00:00Z" } }))]))
    }
}

hostile!(Case);
