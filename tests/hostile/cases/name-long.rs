// A name of a megabyte.
use hostile::*;

struct Case;

impl Hostile for Case {
    fn need(_: Request) -> Result<Needs, Failure> {
        Ok(reads([secret(&"a".repeat(1_000_000))]))
    }
}

hostile!(Case);
