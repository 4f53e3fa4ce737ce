// Puts the secret of a token into a Secret that it has not looked at.
#![no_main]
use hostile::*;

struct Case;

impl Hostile for Case {
    fn plan_for(request: Request) -> Result<Plan, Failure> {
        let change = json!({ "data": { "token-secret": handle(&request) } });
        Ok(plan([Operation { when: Precondition::Any, ..patch(secret("bootstrap-token-zzzzzz"), change) }]))
    }
}

hostile!(Case);

// exit: 2
// error: the phase wants to do more than it is allowed to; nothing was sent
//   operation `patch-bootstrap-token-zzzzzz`: a secret is written to an object of unknown type: set the type, or change the object as observed
