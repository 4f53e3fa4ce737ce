// Has a secret in the text of a line for the terminal.
use hostile::*;

struct Case;

impl Hostile for Case {
    fn plan_for(request: Request) -> Result<Plan, Failure> {
        Ok(output([Part::Text(handle(&request).to_string())]))
    }
}

hostile!(Case);
