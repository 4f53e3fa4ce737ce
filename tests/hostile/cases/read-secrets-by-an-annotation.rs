// Asks for the copy of a Secret that kubectl keeps.
use hostile::*;

struct Case;

impl Hostile for Case {
    fn need(_: Request) -> Result<Needs, Failure> {
        Ok(selects(secrets(), Some("kube-system"), "metadata.annotations.copy=x"))
    }
}

hostile!(Case);
