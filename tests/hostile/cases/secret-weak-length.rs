// Draws a secret of four characters.
#![no_main]
use hostile::*;

struct Case;

impl Hostile for Case {
    fn need(_: Request) -> Result<Needs, Failure> {
        let random = vec![RandomRequest { length: 4, ..random("a", true) }];
        Ok(Needs { random, ..needs() })
    }
}

hostile!(Case);

// exit: 2
// error: the phase returned an invalid answer: a secret of 21 bits, which can be guessed; it needs at least 64
