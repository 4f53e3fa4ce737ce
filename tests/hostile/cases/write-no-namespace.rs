// Writes an object of a namespace without saying which.
use hostile::*;

struct Case;

impl Hostile for Case {
    fn plan_for(_: Request) -> Result<Plan, Failure> {
        Ok(plan([create(object(config_maps(), None, "hostile-a"), json!({}))]))
    }
}

hostile!(Case);
