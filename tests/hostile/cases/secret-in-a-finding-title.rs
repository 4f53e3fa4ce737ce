// Has a secret in the title of a finding.
use hostile::*;

struct Case;

impl Hostile for Case {
    fn plan_for(request: Request) -> Result<Plan, Failure> {
        Ok(finding(&handle(&request).to_string(), "b"))
    }
}

hostile!(Case);
