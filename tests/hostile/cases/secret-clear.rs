// Makes a token with a secret that its author knows.
use hostile::*;

struct Case;

impl Hostile for Case {
    fn plan_for(_: Request) -> Result<Plan, Failure> {
        Ok(plan([create(secret("bootstrap-token-cccccc"), token(json!({ "token-secret": "0123456789abcdef" })))]))
    }
}

hostile!(Case);
