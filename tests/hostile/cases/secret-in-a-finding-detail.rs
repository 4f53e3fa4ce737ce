// Has a secret in the detail of a finding.
use hostile::*;

struct Case;

impl Hostile for Case {
    fn plan_for(request: Request) -> Result<Plan, Failure> {
        Ok(finding("a", &handle(&request).to_string()))
    }
}

hostile!(Case);
