// A name that reads backwards.
use hostile::*;

struct Case;

impl Hostile for Case {
    fn need(_: Request) -> Result<Needs, Failure> {
        Ok(reads([secret("bootstrap-token-\u{202e}aaaaaa")]))
    }
}

hostile!(Case);
