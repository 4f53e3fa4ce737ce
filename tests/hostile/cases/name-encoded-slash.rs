// A name with an encoded slash.
use hostile::*;

struct Case;

impl Hostile for Case {
    fn need(_: Request) -> Result<Needs, Failure> {
        Ok(reads([secret("bootstrap-token-aaaaaa%2f..%2fopaque")]))
    }
}

hostile!(Case);
