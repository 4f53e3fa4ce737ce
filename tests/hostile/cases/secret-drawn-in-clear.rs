// Draws a secret that it can see, to make a token whose secret it knows.
use hostile::*;

struct Case;

impl Hostile for Case {
    fn need(_: Request) -> Result<Needs, Failure> {
        Ok(Needs { random: vec![random("a", false)], ..needs() })
    }

    fn plan_for(request: Request) -> Result<Plan, Failure> {
        let known = &request.random[0].value;
        Ok(plan([create(secret("bootstrap-token-cccccc"), token(json!({ "token-secret": known })))]))
    }
}

hostile!(Case);
