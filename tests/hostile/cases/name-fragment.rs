// A name with a fragment behind it.
use hostile::*;

struct Case;

impl Hostile for Case {
    fn need(_: Request) -> Result<Needs, Failure> {
        Ok(reads([secret("bootstrap-token-aaaaaa#")]))
    }
}

hostile!(Case);
