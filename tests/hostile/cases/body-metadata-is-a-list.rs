// A body whose metadata is not an object.
use hostile::*;

struct Case;

impl Hostile for Case {
    fn plan_for(_: Request) -> Result<Plan, Failure> {
        Ok(plan([create(config_map("hostile-a"), json!({ "metadata": ["name", "hostile-a"] }))]))
    }
}

hostile!(Case);
