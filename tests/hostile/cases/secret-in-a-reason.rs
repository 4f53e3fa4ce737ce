// Gives a secret as the reason of an operation.
use hostile::*;

struct Case;

impl Hostile for Case {
    fn plan_for(request: Request) -> Result<Plan, Failure> {
        let reason = handle(&request).to_string();
        Ok(plan([Operation { reason, ..create(config_map("hostile-a"), json!({})) }]))
    }
}

hostile!(Case);
