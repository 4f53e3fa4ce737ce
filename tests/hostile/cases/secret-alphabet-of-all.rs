// Draws a secret from more characters than there are bytes.
use hostile::*;

struct Case;

impl Hostile for Case {
    fn need(_: Request) -> Result<Needs, Failure> {
        let random = vec![RandomRequest { alphabet: ('a'..).take(1_000).collect(), ..random("a", true) }];
        Ok(Needs { random, ..needs() })
    }
}

hostile!(Case);
