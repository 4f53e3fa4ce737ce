// Has a secret in the id of an operation.
#![no_main]
use hostile::*;

struct Case;

impl Hostile for Case {
    fn plan_for(request: Request) -> Result<Plan, Failure> {
        let id = handle(&request).to_string();
        Ok(plan([Operation { id, ..create(config_map("hostile-a"), json!({})) }]))
    }
}

hostile!(Case);

// exit: 2
// error: the phase wants to do more than it is allowed to; nothing was sent
//   id of an operation: a secret is only allowed in the data of a Secret, not in text
