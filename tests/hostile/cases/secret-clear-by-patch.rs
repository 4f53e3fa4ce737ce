// Gives a token that is there a secret that its author knows.
use hostile::*;

struct Case;

impl Hostile for Case {
    fn plan_for(_: Request) -> Result<Plan, Failure> {
        Ok(plan([patch(secret("bootstrap-token-aaaaaa"), json!({ "stringData": { "token-secret": "0123456789abcdef" } }))]))
    }
}

hostile!(Case);
