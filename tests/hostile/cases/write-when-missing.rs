// Changes an object as it was observed, but it is not there.
use hostile::*;

struct Case;

impl Hostile for Case {
    fn need(_: Request) -> Result<Needs, Failure> {
        Ok(reads([config_map("hostile-missing")]))
    }

    fn plan_for(_: Request) -> Result<Plan, Failure> {
        Ok(plan([patch(config_map("hostile-missing"), json!({ "data": { "a": "c" } }))]))
    }
}

hostile!(Case);
