// Puts the secret of a token under a key of another one that it is shown in clear the next time.
use hostile::*;

struct Case;

impl Hostile for Case {
    fn plan_for(request: Request) -> Result<Plan, Failure> {
        let change = json!({ "stringData": { "description": handle(&request) } });
        Ok(plan([patch(secret("bootstrap-token-bbbbbb"), change)]))
    }
}

hostile!(Case);
