// A name that leads out of its path.
use hostile::*;

struct Case;

impl Hostile for Case {
    fn need(_: Request) -> Result<Needs, Failure> {
        Ok(reads([secret("..")]))
    }
}

hostile!(Case);
