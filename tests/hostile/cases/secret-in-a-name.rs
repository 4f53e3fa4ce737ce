// Makes a secret the name of an object.
use hostile::*;

struct Case;

impl Hostile for Case {
    fn plan_for(request: Request) -> Result<Plan, Failure> {
        Ok(plan([create(config_map(&handle(&request).to_string()), json!({}))]))
    }
}

hostile!(Case);
