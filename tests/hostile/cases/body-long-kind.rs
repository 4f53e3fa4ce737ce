// A body whose kind is a megabyte.
use hostile::*;

struct Case;

impl Hostile for Case {
    fn plan_for(_: Request) -> Result<Plan, Failure> {
        Ok(plan([create(config_map("hostile-a"), json!({ "kind": "a".repeat(1_000_000) }))]))
    }
}

hostile!(Case);
