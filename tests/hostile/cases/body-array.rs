// A body that is a list.
use hostile::*;

struct Case;

impl Hostile for Case {
    fn plan_for(_: Request) -> Result<Plan, Failure> {
        Ok(plan([create_as(config_map("hostile-a"), "[1, 2, 3]")]))
    }
}

hostile!(Case);
