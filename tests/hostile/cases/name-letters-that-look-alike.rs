// A name with a Cyrillic letter that looks like a Latin one.
use hostile::*;

struct Case;

impl Hostile for Case {
    fn need(_: Request) -> Result<Needs, Failure> {
        Ok(reads([secret("bootstrap-token-\u{430}aaaaa")]))
    }
}

hostile!(Case);
