// Lists the Secrets of all namespaces.
use hostile::*;

struct Case;

impl Hostile for Case {
    fn need(_: Request) -> Result<Needs, Failure> {
        Ok(lists(secrets(), None, ""))
    }
}

hostile!(Case);
