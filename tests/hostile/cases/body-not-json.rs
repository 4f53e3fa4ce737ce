// A body that is not JSON.
#![no_main]
use hostile::*;

struct Case;

impl Hostile for Case {
    fn plan_for(_: Request) -> Result<Plan, Failure> {
        Ok(plan([create_as(config_map("hostile-a"), "apiVersion: v1\nkind: ConfigMap\n")]))
    }
}

hostile!(Case);

// exit: 2
// error: the phase returned an invalid answer: a body that is not a JSON object: expected value at line 1 column 1
