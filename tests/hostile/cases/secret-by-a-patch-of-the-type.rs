// Patches a token to be of another type, with the secret in it.
#![no_main]
use hostile::*;

struct Case;

impl Hostile for Case {
    fn plan_for(request: Request) -> Result<Plan, Failure> {
        let change = json!({ "type": "Opaque", "data": { "a": handle(&request) } });
        Ok(plan([patch(secret("bootstrap-token-bbbbbb"), change)]))
    }
}

hostile!(Case);

// exit: 2
// error: the phase wants to do more than it is allowed to; nothing was sent
//   operation `patch-bootstrap-token-bbbbbb`: the secret in `data.a` may not go to Secrets of type `Opaque` in kube-system: it belongs to Secrets of type `bootstrap.kubernetes.io/token` in kube-system
