// Patches a token to be of another type, with the secret in it.
use hostile::*;

struct Case;

impl Hostile for Case {
    fn plan_for(request: Request) -> Result<Plan, Failure> {
        let change = json!({ "type": "Opaque", "data": { "a": handle(&request) } });
        Ok(plan([patch(secret("bootstrap-token-bbbbbb"), change)]))
    }
}

hostile!(Case);
