// Names a random string by an escape sequence.
use hostile::*;

struct Case;

impl Hostile for Case {
    fn need(_: Request) -> Result<Needs, Failure> {
        Ok(Needs { random: vec![random("a\u{1b}[2J", true)], ..needs() })
    }
}

hostile!(Case);
