// Draws a secret of no characters.
use hostile::*;

struct Case;

impl Hostile for Case {
    fn need(_: Request) -> Result<Needs, Failure> {
        let random = vec![RandomRequest { length: 0, ..random("a", true) }];
        Ok(Needs { random, ..needs() })
    }
}

hostile!(Case);
