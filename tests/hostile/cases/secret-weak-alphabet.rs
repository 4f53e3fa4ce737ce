// Draws a secret of two different characters.
#![no_main]
use hostile::*;

struct Case;

impl Hostile for Case {
    fn need(_: Request) -> Result<Needs, Failure> {
        let random = vec![RandomRequest { alphabet: "ab".to_owned(), ..random("a", true) }];
        Ok(Needs { random, ..needs() })
    }
}

hostile!(Case);

// exit: 2
// error: the phase returned an invalid answer: a secret of 16 bits, which can be guessed; it needs at least 64
