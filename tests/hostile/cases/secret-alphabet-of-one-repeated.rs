// Draws a secret from an alphabet that has one character many times.
use hostile::*;

struct Case;

impl Hostile for Case {
    fn need(_: Request) -> Result<Needs, Failure> {
        let random = vec![RandomRequest { alphabet: "aaaaaaaaaaaaaaaa".to_owned(), ..random("a", true) }];
        Ok(Needs { random, ..needs() })
    }
}

hostile!(Case);
