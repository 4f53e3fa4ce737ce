// A body of another object than the target: the kind.
use hostile::*;

struct Case;

impl Hostile for Case {
    fn plan_for(_: Request) -> Result<Plan, Failure> {
        Ok(plan([create(config_map("hostile-a"), json!({ "kind": "Secret" }))]))
    }
}

hostile!(Case);
