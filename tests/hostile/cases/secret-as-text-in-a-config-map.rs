// Puts a secret into a ConfigMap as text.
use hostile::*;

struct Case;

impl Hostile for Case {
    fn plan_for(request: Request) -> Result<Plan, Failure> {
        Ok(plan([create(config_map("hostile-a"), json!({ "data": { "a": handle(&request).to_string() } }))]))
    }
}

hostile!(Case);
