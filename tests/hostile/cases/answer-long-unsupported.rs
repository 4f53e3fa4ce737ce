// Does not do this, and says so in a megabyte.
#![no_main]
use hostile::*;

struct Case;

impl Hostile for Case {
    fn plan_for(_: Request) -> Result<Plan, Failure> {
        Err(Failure::Unsupported("a".repeat(1_000_000)))
    }
}

hostile!(Case);

// exit: 2
// error: the phase returned an invalid answer: a text of 1000000 bytes, the limit is 16384
