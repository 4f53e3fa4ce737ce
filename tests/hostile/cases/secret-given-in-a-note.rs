// Says the secret that the user gave.
// args: abcdef.0123456789abcdef
use hostile::*;

struct Case;

impl Hostile for Case {
    fn plan_for(request: Request) -> Result<Plan, Failure> {
        Ok(note(request.parameters))
    }
}

hostile!(Case);
