// A name with a backslash.
use hostile::*;

struct Case;

impl Hostile for Case {
    fn need(_: Request) -> Result<Needs, Failure> {
        Ok(reads([secret("bootstrap-token-aaaaaa\\..\\opaque")]))
    }
}

hostile!(Case);
