// A body with a key in its metadata of a megabyte.
use hostile::*;

struct Case;

impl Hostile for Case {
    fn plan_for(_: Request) -> Result<Plan, Failure> {
        Ok(plan([create(config_map("hostile-a"), json!({ "metadata": { ("a".repeat(1_000_000)): "a" } }))]))
    }
}

hostile!(Case);
