// Puts the secret of a token under another key of the same Secret, where somebody may be shown it who is not shown the first.
#![no_main]
use hostile::*;

struct Case;

impl Hostile for Case {
    fn plan_for(request: Request) -> Result<Plan, Failure> {
        let change = json!({ "data": { "note": handle(&request) } });
        Ok(plan([patch(secret("bootstrap-token-aaaaaa"), change)]))
    }
}

hostile!(Case);

// exit: 2
// error: the phase wants to do more than it is allowed to; nothing was sent
//   operation `patch-bootstrap-token-aaaaaa`: the secret in `data.note` may only be written to `token-secret`, where it came from
