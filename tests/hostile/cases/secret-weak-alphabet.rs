// Draws a secret of two different characters.
use hostile::*;

struct Case;

impl Hostile for Case {
    fn need(_: Request) -> Result<Needs, Failure> {
        let random = vec![RandomRequest { alphabet: "ab".to_owned(), ..random("a", true) }];
        Ok(Needs { random, ..needs() })
    }
}

hostile!(Case);
