// Puts something that looks like a secret under the key of one.
use hostile::*;

struct Case;

impl Hostile for Case {
    fn plan_for(_: Request) -> Result<Plan, Failure> {
        let fields = token(json!({ "token-secret": { "$secret": ["s1"] } }));
        Ok(plan([create(secret("bootstrap-token-cccccc"), fields)]))
    }
}

hostile!(Case);
