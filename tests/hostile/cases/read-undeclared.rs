// Reads a Secret that it did not declare.
use hostile::*;

struct Case;

impl Hostile for Case {
    fn need(_: Request) -> Result<Needs, Failure> {
        Ok(reads([secret("opaque")]))
    }
}

hostile!(Case);
