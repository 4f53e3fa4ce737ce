// Changes an object as it was observed, but has not looked at it.
use hostile::*;

struct Case;

impl Hostile for Case {
    fn plan_for(_: Request) -> Result<Plan, Failure> {
        let change = json!({ "data": { "a": "c" } });
        Ok(plan([patch(config_map("hostile-other"), change)]))
    }
}

hostile!(Case);
