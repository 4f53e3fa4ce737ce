// Reads what it declared; nothing was granted.
// grant: none
use hostile::*;

struct Case;

impl Hostile for Case {
    fn need(_: Request) -> Result<Needs, Failure> {
        Ok(reads([config_map("hostile-present")]))
    }
}

hostile!(Case);
