// Puts a secret deep into a list of a ConfigMap.
use hostile::*;

struct Case;

impl Hostile for Case {
    fn plan_for(request: Request) -> Result<Plan, Failure> {
        Ok(plan([create(config_map("hostile-a"), json!({ "data": { "a": [[{ "b": [handle(&request)] }]] } }))]))
    }
}

hostile!(Case);
