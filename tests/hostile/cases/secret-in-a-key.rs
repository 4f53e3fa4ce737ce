// Makes a secret the key of a value.
use hostile::*;

struct Case;

impl Hostile for Case {
    fn plan_for(request: Request) -> Result<Plan, Failure> {
        Ok(plan([create(config_map("hostile-a"), json!({ "data": { (handle(&request).to_string()): "a" } }))]))
    }
}

hostile!(Case);
