// Proposes a thousand operations that are all not allowed.
use hostile::*;

struct Case;

impl Hostile for Case {
    fn plan_for(_: Request) -> Result<Plan, Failure> {
        Ok(plan((0..1_000).map(|i| create(config_map(&format!("other-{i}")), json!({})))))
    }
}

hostile!(Case);
