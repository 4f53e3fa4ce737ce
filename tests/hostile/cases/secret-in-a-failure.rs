// Fails with a secret in the text.
use hostile::*;

struct Case;

impl Hostile for Case {
    fn plan_for(request: Request) -> Result<Plan, Failure> {
        Err(Failure::Other(handle(&request).to_string()))
    }
}

hostile!(Case);
