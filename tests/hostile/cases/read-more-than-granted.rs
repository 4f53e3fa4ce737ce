// Reads a token that it declared, of which another one was granted.
// grant: narrow
use hostile::*;

struct Case;

impl Hostile for Case {
    fn need(_: Request) -> Result<Needs, Failure> {
        Ok(reads([secret("bootstrap-token-bbbbbb")]))
    }
}

hostile!(Case);
