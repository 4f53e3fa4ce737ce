// Draws two random strings under one name, one hidden and one in clear.
#![no_main]
use hostile::*;

struct Case;

impl Hostile for Case {
    fn need(_: Request) -> Result<Needs, Failure> {
        Ok(Needs { random: vec![random("a", true), random("a", false)], ..needs() })
    }
}

hostile!(Case);

// exit: 2
// error: the phase returned an invalid answer: the name `a` twice
