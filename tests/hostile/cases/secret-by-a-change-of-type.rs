// Replaces a token by a Secret of another type, with the secret in it.
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
