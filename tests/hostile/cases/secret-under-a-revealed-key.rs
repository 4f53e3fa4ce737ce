// Puts the secret of a token under a key that it is shown in clear the next time.
#![no_main]
use hostile::*;

struct Case;

impl Hostile for Case {
    fn plan_for(request: Request) -> Result<Plan, Failure> {
        let fields = token(json!({ "description": handle(&request) }));
        Ok(plan([create(secret("bootstrap-token-cccccc"), fields)]))
    }
}

hostile!(Case);

// exit: 2
// error: the phase wants to do more than it is allowed to; nothing was sent
//   operation `create-bootstrap-token-cccccc`: `stringData.description` is shown in clear text to the phase or in a list of tokens, so it cannot hold a secret
