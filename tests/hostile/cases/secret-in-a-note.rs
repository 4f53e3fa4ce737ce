// Says a secret.
use hostile::*;

struct Case;

impl Hostile for Case {
    fn plan_for(request: Request) -> Result<Plan, Failure> {
        Ok(note(handle(&request)))
    }
}

hostile!(Case);
