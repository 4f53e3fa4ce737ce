// Creates a ConfigMap of 10 MB.
use hostile::*;

struct Case;

impl Hostile for Case {
    fn plan_for(_: Request) -> Result<Plan, Failure> {
        Ok(plan([create(config_map("hostile-a"), json!({ "data": { "a": "a".repeat(10_000_000) } }))]))
    }
}

hostile!(Case);
