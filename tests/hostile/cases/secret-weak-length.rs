// Draws a secret of four characters.
use hostile::*;

struct Case;

impl Hostile for Case {
    fn need(_: Request) -> Result<Needs, Failure> {
        let random = vec![RandomRequest { length: 4, ..random("a", true) }];
        Ok(Needs { random, ..needs() })
    }
}

hostile!(Case);
