// An operation waits for one that does not exist.
use hostile::*;

struct Case;

impl Hostile for Case {
    fn plan_for(_: Request) -> Result<Plan, Failure> {
        Ok(plan([after(["nobody"], create(config_map("hostile-a"), json!({})))]))
    }
}

hostile!(Case);
