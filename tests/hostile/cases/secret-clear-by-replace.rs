// Replaces a token by one with a secret that its author knows.
use hostile::*;

struct Case;

impl Hostile for Case {
    fn plan_for(_: Request) -> Result<Plan, Failure> {
        let target = secret("bootstrap-token-aaaaaa");
        let body = body(&target, token(json!({ "token-secret": "0123456789abcdef" }))).to_string();
        Ok(plan([operation("replace", target, Action::Replace(body), Precondition::AsObserved)]))
    }
}

hostile!(Case);
