// A body that says which object it is.
use hostile::*;

struct Case;

impl Hostile for Case {
    fn plan_for(_: Request) -> Result<Plan, Failure> {
        Ok(plan([create(config_map("hostile-a"), json!({ "metadata": { "uid": "00000000-0000-0000-0000-000000000000" } }))]))
    }
}

hostile!(Case);
