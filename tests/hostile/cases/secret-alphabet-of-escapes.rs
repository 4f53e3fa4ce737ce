// Draws a secret of escape sequences, to be shown at the terminal.
#![no_main]
use hostile::*;

struct Case;

impl Hostile for Case {
    fn need(_: Request) -> Result<Needs, Failure> {
        let alphabet = ('\0'..' ').collect();
        Ok(Needs { random: vec![RandomRequest { alphabet, ..random("a", true) }], ..needs() })
    }
}

hostile!(Case);

// exit: 2
// error: the phase returned an invalid answer: a random string with characters other than visible ASCII
