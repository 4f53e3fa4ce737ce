// A body of a hundred thousand lists in lists.
#![no_main]
use hostile::*;

struct Case;

impl Hostile for Case {
    fn plan_for(_: Request) -> Result<Plan, Failure> {
        Ok(plan([create_as(config_map("hostile-a"), &format!("{{\"data\":{}", "[".repeat(100_000)))]))
    }
}

hostile!(Case);

// exit: 2
// error: the phase returned an invalid answer: a body that is not a JSON object: recursion limit exceeded at line 1 column 135
