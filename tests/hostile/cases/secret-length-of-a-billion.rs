// Draws a secret of a billion characters.
use hostile::*;

struct Case;

impl Hostile for Case {
    fn need(_: Request) -> Result<Needs, Failure> {
        let random = vec![RandomRequest { length: 1_000_000_000, ..random("a", true) }];
        Ok(Needs { random, ..needs() })
    }
}

hostile!(Case);
