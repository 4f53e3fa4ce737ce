// Makes a token with a secret that its author knows, in base64.
#![no_main]
use hostile::*;

struct Case;

impl Hostile for Case {
    fn plan_for(_: Request) -> Result<Plan, Failure> {
        let fields = json!({ "type": "bootstrap.kubernetes.io/token", "data": { "token-secret": "MDEyMzQ1Njc4OWFiY2RlZg==" } });
        Ok(plan([create(secret("bootstrap-token-cccccc"), fields)]))
    }
}

hostile!(Case);

// exit: 2
// error: the phase wants to do more than it is allowed to; nothing was sent
//   operation `create-bootstrap-token-cccccc`: `data.token-secret` must be a secret from the host: a phase may write in clear text only what it may see, and this key is not revealed to it
