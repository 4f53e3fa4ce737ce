// Puts a secret into a label of the Secret where it belongs.
#![no_main]
use hostile::*;

struct Case;

impl Hostile for Case {
    fn plan_for(request: Request) -> Result<Plan, Failure> {
        let label = json!({ "metadata": { "labels": { "a": handle(&request) } } });
        Ok(plan([patch(secret("bootstrap-token-aaaaaa"), label)]))
    }
}

hostile!(Case);

// exit: 2
// error: the phase wants to do more than it is allowed to; nothing was sent
//   operation `patch-bootstrap-token-aaaaaa`: a secret is only allowed in the data of a Secret, not in `metadata.labels.a`
