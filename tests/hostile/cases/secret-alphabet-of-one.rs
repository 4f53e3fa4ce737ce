// Draws a secret of one character alone.
use hostile::*;

struct Case;

impl Hostile for Case {
    fn need(_: Request) -> Result<Needs, Failure> {
        let random = vec![RandomRequest { alphabet: "a".to_owned(), ..random("a", true) }];
        Ok(Needs { random, ..needs() })
    }
}

hostile!(Case);
