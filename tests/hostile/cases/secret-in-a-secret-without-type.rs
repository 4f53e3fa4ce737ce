// Puts the secret of a token into a Secret that has no type.
use hostile::*;

struct Case;

impl Hostile for Case {
    fn plan_for(request: Request) -> Result<Plan, Failure> {
        Ok(plan([create(secret("bootstrap-token-cccccc"), json!({ "data": { "a": handle(&request) } }))]))
    }
}

hostile!(Case);
