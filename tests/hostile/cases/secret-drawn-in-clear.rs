// Draws a secret that it can see, to make a token whose secret it knows.
#![no_main]
use hostile::*;

struct Case;

impl Hostile for Case {
    fn need(_: Request) -> Result<Needs, Failure> {
        Ok(Needs { random: vec![random("a", false)], ..needs() })
    }

    fn plan_for(request: Request) -> Result<Plan, Failure> {
        let known = &request.random[0].value;
        Ok(plan([create(secret("bootstrap-token-cccccc"), token(json!({ "token-secret": known })))]))
    }
}

hostile!(Case);

// exit: 2
// error: the phase wants to do more than it is allowed to; nothing was sent
//   operation `create-bootstrap-token-cccccc`: `stringData.token-secret` must be a secret from the host: a phase may write in clear text only what it may see, and this key is not revealed to it
