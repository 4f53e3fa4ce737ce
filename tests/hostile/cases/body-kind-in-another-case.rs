// Writes a ConfigMap with another kind beside its own, in another case.
use hostile::*;

struct Case;

impl Hostile for Case {
    fn plan_for(_: Request) -> Result<Plan, Failure> {
        Ok(plan([create(config_map("hostile-a"), json!({ "Kind": "Secret" }))]))
    }
}

hostile!(Case);
