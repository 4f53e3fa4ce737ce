// An operation waits for itself.
use hostile::*;

struct Case;

impl Hostile for Case {
    fn plan_for(_: Request) -> Result<Plan, Failure> {
        Ok(plan([after(["create-hostile-a"], create(config_map("hostile-a"), json!({})))]))
    }
}

hostile!(Case);
