// Creates a ConfigMap of 10 MB.
#![no_main]
use hostile::*;

struct Case;

impl Hostile for Case {
    fn plan_for(_: Request) -> Result<Plan, Failure> {
        Ok(plan([create(config_map("hostile-a"), json!({ "data": { "a": "a".repeat(10_000_000) } }))]))
    }
}

hostile!(Case);

// exit: 2
// error: the phase returned an invalid answer: a body of 10000112 bytes, the limit is 3145728
