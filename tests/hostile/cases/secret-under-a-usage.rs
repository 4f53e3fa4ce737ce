// Puts the secret of a token under the key of a usage.
// grant: unseen
#![no_main]
use hostile::*;

struct Case;

impl Hostile for Case {
    fn describe() -> Description {
        unseen([])
    }

    fn plan_for(request: Request) -> Result<Plan, Failure> {
        let change = json!({ "data": { "usage-bootstrap-x": handle(&request) } });
        Ok(plan([patch(secret("bootstrap-token-aaaaaa"), change)]))
    }
}

hostile!(Case);

// exit: 2
// error: the phase wants to do more than it is allowed to; nothing was sent
//   operation `patch-bootstrap-token-aaaaaa`: `data.usage-bootstrap-x` is shown in clear text to the phase or in a list of tokens, so it cannot hold a secret
