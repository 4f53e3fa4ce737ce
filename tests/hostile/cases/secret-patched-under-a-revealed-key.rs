// Puts the secret of a token under a key of another one that it is shown in clear the next time.
#![no_main]
use hostile::*;

struct Case;

impl Hostile for Case {
    fn plan_for(request: Request) -> Result<Plan, Failure> {
        let change = json!({ "stringData": { "description": handle(&request) } });
        Ok(plan([patch(secret("bootstrap-token-bbbbbb"), change)]))
    }
}

hostile!(Case);

// exit: 2
// error: the phase wants to do more than it is allowed to; nothing was sent
//   operation `patch-bootstrap-token-bbbbbb`: `stringData.description` is shown in clear text to the phase or in a list of tokens, so it cannot hold a secret
