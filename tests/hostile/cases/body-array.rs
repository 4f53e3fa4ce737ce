// A body that is a list.
#![no_main]
use hostile::*;

struct Case;

impl Hostile for Case {
    fn plan_for(_: Request) -> Result<Plan, Failure> {
        Ok(plan([create_as(config_map("hostile-a"), "[1, 2, 3]")]))
    }
}

hostile!(Case);

// exit: 2
// error: the phase returned an invalid answer: a body that is not a JSON object: invalid type: sequence, expected a map at line 1 column 0
