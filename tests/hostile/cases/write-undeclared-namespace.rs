// Writes into a namespace that it did not declare.
use hostile::*;

struct Case;

impl Hostile for Case {
    fn plan_for(_: Request) -> Result<Plan, Failure> {
        Ok(plan([create(object(config_maps(), Some("kube-system"), "hostile-a"), json!({}))]))
    }
}

hostile!(Case);
