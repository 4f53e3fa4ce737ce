// Has a secret in the detail of a finding.
#![no_main]
use hostile::*;

struct Case;

impl Hostile for Case {
    fn plan_for(request: Request) -> Result<Plan, Failure> {
        Ok(finding("a", &handle(&request).to_string()))
    }
}

hostile!(Case);

// exit: 2
// error: the phase wants to do more than it is allowed to; nothing was sent
//   finding `rule`: a secret is only allowed in the data of a Secret, not in text
