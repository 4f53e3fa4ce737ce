// Replaces a token by one with a secret that its author knows.
#![no_main]
use hostile::*;

struct Case;

impl Hostile for Case {
    fn plan_for(_: Request) -> Result<Plan, Failure> {
        let target = secret("bootstrap-token-aaaaaa");
        let body = body(&target, token(json!({ "token-secret": "0123456789abcdef" }))).to_string();
        Ok(plan([operation("replace", target, Action::Replace(body), Precondition::AsObserved)]))
    }
}

hostile!(Case);

// exit: 2
// error: the phase wants to do more than it is allowed to; nothing was sent
//   operation `replace`: `stringData.token-secret` must be a secret from the host: a phase may write in clear text only what it may see, and this key is not revealed to it
