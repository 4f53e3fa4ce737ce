// Puts the secret of a token under a key that it is shown in clear the next time.
use hostile::*;

struct Case;

impl Hostile for Case {
    fn plan_for(request: Request) -> Result<Plan, Failure> {
        let fields = token(json!({ "description": handle(&request) }));
        Ok(plan([create(secret("bootstrap-token-cccccc"), fields)]))
    }
}

hostile!(Case);
