// Draws a secret from no characters.
use hostile::*;

struct Case;

impl Hostile for Case {
    fn need(_: Request) -> Result<Needs, Failure> {
        let random = vec![RandomRequest { alphabet: String::new(), ..random("a", true) }];
        Ok(Needs { random, ..needs() })
    }
}

hostile!(Case);
