// Says one thing that is longer than any text for people.
#![no_main]
use hostile::*;

struct Case;

impl Hostile for Case {
    fn plan_for(_: Request) -> Result<Plan, Failure> {
        Ok(note("a".repeat(100_000)))
    }
}

hostile!(Case);

// exit: 2
// error: the phase returned an invalid answer: a text of 100000 bytes, the limit is 2000
