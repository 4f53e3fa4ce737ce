// A patch that has the garbage collector delete a token, by one who may not delete it.
#![no_main]
use hostile::*;

struct Case;

impl Hostile for Case {
    fn plan_for(_: Request) -> Result<Plan, Failure> {
        Ok(plan([patch(
            secret("bootstrap-token-aaaaaa"),
            json!({ "metadata": { "ownerReferences": [{ "apiVersion": "v1", "kind": "Secret", "name": "a", "uid": "00000000-0000-0000-0000-000000000000" }] } }),
        )]))
    }
}

hostile!(Case);

// exit: 2
// error: the phase wants to do more than it is allowed to; nothing was sent
//   operation `patch-bootstrap-token-aaaaaa`: its body sets `metadata.ownerReferences`, which a phase may not set
