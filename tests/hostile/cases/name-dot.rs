// A name that is its own folder.
use hostile::*;

struct Case;

impl Hostile for Case {
    fn need(_: Request) -> Result<Needs, Failure> {
        Ok(reads([secret(".")]))
    }
}

hostile!(Case);
