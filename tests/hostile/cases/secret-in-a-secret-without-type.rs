// Puts the secret of a token into a Secret that has no type.
#![no_main]
use hostile::*;

struct Case;

impl Hostile for Case {
    fn plan_for(request: Request) -> Result<Plan, Failure> {
        Ok(plan([create(secret("bootstrap-token-cccccc"), json!({ "data": { "a": handle(&request) } }))]))
    }
}

hostile!(Case);

// exit: 2
// error: the phase wants to do more than it is allowed to; nothing was sent
//   operation `create-bootstrap-token-cccccc`: the secret in `data.a` may not go to Secrets of type `Opaque` in kube-system: it belongs to Secrets of type `bootstrap.kubernetes.io/token` in kube-system
