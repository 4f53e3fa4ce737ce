// Fails with a secret in the text.
#![no_main]
use hostile::*;

struct Case;

impl Hostile for Case {
    fn plan_for(request: Request) -> Result<Plan, Failure> {
        Err(Failure::Other(handle(&request).to_string()))
    }
}

hostile!(Case);

// exit: 2
// error: the phase failed: {"$secret":"s1","classes":["lower","digit"],"distinct":16,"length":16}
