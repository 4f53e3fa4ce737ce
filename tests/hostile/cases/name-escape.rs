// A name with an escape sequence.
use hostile::*;

struct Case;

impl Hostile for Case {
    fn need(_: Request) -> Result<Needs, Failure> {
        Ok(reads([secret("bootstrap-token-\u{1b}[2J")]))
    }
}

hostile!(Case);
