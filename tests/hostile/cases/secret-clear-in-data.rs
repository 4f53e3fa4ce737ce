// Makes a token with a secret that its author knows, in base64.
use hostile::*;

struct Case;

impl Hostile for Case {
    fn plan_for(_: Request) -> Result<Plan, Failure> {
        let fields = json!({ "type": "bootstrap.kubernetes.io/token", "data": { "token-secret": "MDEyMzQ1Njc4OWFiY2RlZg==" } });
        Ok(plan([create(secret("bootstrap-token-cccccc"), fields)]))
    }
}

hostile!(Case);
