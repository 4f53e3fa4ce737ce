// Puts the secret of a token into a Secret that it has not looked at.
use hostile::*;

struct Case;

impl Hostile for Case {
    fn plan_for(request: Request) -> Result<Plan, Failure> {
        let change = json!({ "data": { "token-secret": handle(&request) } });
        Ok(plan([Operation { when: Precondition::Any, ..patch(secret("bootstrap-token-zzzzzz"), change) }]))
    }
}

hostile!(Case);
