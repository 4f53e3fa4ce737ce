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
// error: the phase gave an answer that is not valid: a name that is not a word
