// A name with a query behind it.
use hostile::*;

struct Case;

impl Hostile for Case {
    fn need(_: Request) -> Result<Needs, Failure> {
        Ok(reads([secret("bootstrap-token-aaaaaa?watch=true")]))
    }
}

hostile!(Case);
