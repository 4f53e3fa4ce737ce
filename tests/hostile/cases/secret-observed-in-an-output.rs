// Shows a secret of the cluster at the terminal.
use hostile::*;

struct Case;

impl Hostile for Case {
    fn plan_for(request: Request) -> Result<Plan, Failure> {
        Ok(output([Part::Secret(handle_id(&request))]))
    }
}

hostile!(Case);
