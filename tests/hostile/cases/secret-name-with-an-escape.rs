// Names a random string by an escape sequence.
#![no_main]
use hostile::*;

struct Case;

impl Hostile for Case {
    fn need(_: Request) -> Result<Needs, Failure> {
        Ok(Needs { random: vec![random("a\u{1b}[2J", true)], ..needs() })
    }
}

hostile!(Case);

// exit: 2
// error: the phase returned an invalid answer: an empty name, or one with characters other than visible ASCII
