// Replaces a token by a Secret of another type, with the secret in it.
#![no_main]
use hostile::*;

struct Case;

impl Hostile for Case {
    fn plan_for(request: Request) -> Result<Plan, Failure> {
        let target = secret("bootstrap-token-bbbbbb");
        let body = body(&target, json!({ "type": "Opaque", "data": { "a": handle(&request) } })).to_string();
        Ok(plan([operation("replace", target, Action::Replace(body), Precondition::AsObserved)]))
    }
}

hostile!(Case);

// exit: 2
// error: the phase wants to do more than it is allowed to; nothing was sent
//   operation `replace`: the secret in `data.a` may not go to Secrets of type `Opaque` in kube-system: it belongs to Secrets of type `bootstrap.kubernetes.io/token` in kube-system
