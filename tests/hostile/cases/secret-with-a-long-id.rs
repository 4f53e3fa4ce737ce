// Names a secret by an id of a megabyte.
#![no_main]
use hostile::*;

struct Case;

impl Hostile for Case {
    fn plan_for(_: Request) -> Result<Plan, Failure> {
        Ok(output([Part::Secret(format!("s{}", "9".repeat(1_000_000)))]))
    }
}

hostile!(Case);

// exit: 2
// error: the phase returned an invalid answer: a line of 1000001 bytes, the limit is 2000
