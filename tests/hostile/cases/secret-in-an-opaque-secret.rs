// Puts the secret of a token into a Secret of another type.
use hostile::*;

struct Case;

impl Hostile for Case {
    fn plan_for(request: Request) -> Result<Plan, Failure> {
        let fields = json!({ "type": "Opaque", "data": { "a": handle(&request) } });
        Ok(plan([create(secret("bootstrap-token-cccccc"), fields)]))
    }
}

hostile!(Case);
