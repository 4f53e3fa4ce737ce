// Has a secret in the id of an operation.
use hostile::*;

struct Case;

impl Hostile for Case {
    fn plan_for(request: Request) -> Result<Plan, Failure> {
        let id = handle(&request).to_string();
        Ok(plan([Operation { id, ..create(config_map("hostile-a"), json!({})) }]))
    }
}

hostile!(Case);
