// A name with a NUL.
use hostile::*;

struct Case;

impl Hostile for Case {
    fn need(_: Request) -> Result<Needs, Failure> {
        Ok(reads([secret("bootstrap-token-aaaaaa\0")]))
    }
}

hostile!(Case);
