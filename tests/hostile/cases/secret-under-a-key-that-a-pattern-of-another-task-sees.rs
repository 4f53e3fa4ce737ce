// Puts the secret of a token under a key that a pattern of another task matches.
// grant: unseen
#![no_main]
use hostile::*;

struct Case;

impl Hostile for Case {
    fn describe() -> Description {
        unseen(["x-*"])
    }

    fn plan_for(request: Request) -> Result<Plan, Failure> {
        let change = json!({ "stringData": { "x-note": handle(&request) } });
        Ok(plan([patch(secret("bootstrap-token-bbbbbb"), change)]))
    }
}

hostile!(Case);

// exit: 2
// error: the phase wants to do more than it is allowed to; nothing was sent
//   operation `patch-bootstrap-token-bbbbbb`: `stringData.x-note` is shown in clear text to the phase or in a list of tokens, so it cannot hold a secret
