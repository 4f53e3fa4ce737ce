// Has a line for the terminal of a hundred thousand pieces.
#![no_main]
use hostile::*;

struct Case;

impl Hostile for Case {
    fn plan_for(_: Request) -> Result<Plan, Failure> {
        Ok(output(vec![Part::Text("a".repeat(100)); 100_000]))
    }
}

hostile!(Case);

// exit: 2
// error: the phase returned an invalid answer: a line of 10000000 bytes, the limit is 2000
