// A patch by which nobody can delete a token any more.
#![no_main]
use hostile::*;

struct Case;

impl Hostile for Case {
    fn plan_for(_: Request) -> Result<Plan, Failure> {
        Ok(plan([patch(secret("bootstrap-token-aaaaaa"), json!({ "metadata": { "finalizers": ["example.com/never"] } }))]))
    }
}

hostile!(Case);

// exit: 2
// error: the phase wants to do more than it is allowed to; nothing was sent
//   operation `patch-bootstrap-token-aaaaaa`: its body sets `metadata.finalizers`, which a phase may not set
