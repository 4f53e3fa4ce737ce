// Draws a secret from more characters than there are bytes.
#![no_main]
use hostile::*;

struct Case;

impl Hostile for Case {
    fn need(_: Request) -> Result<Needs, Failure> {
        let random = vec![RandomRequest { alphabet: ('a'..).take(1_000).collect(), ..random("a", true) }];
        Ok(Needs { random, ..needs() })
    }
}

hostile!(Case);

// exit: 2
// error: the phase returned an invalid answer: a random string needs 2 to 256 different characters and a length of 1 to 256
