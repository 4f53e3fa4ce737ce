// A name that is empty: the path of all objects.
use hostile::*;

struct Case;

impl Hostile for Case {
    fn need(_: Request) -> Result<Needs, Failure> {
        Ok(reads([secret("")]))
    }
}

hostile!(Case);
