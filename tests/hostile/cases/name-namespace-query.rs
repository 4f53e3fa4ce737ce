// A namespace with a query behind it.
use hostile::*;

struct Case;

impl Hostile for Case {
    fn need(_: Request) -> Result<Needs, Failure> {
        Ok(reads([object(secrets(), Some("kube-system?watch=true"), "bootstrap-token-aaaaaa")]))
    }
}

hostile!(Case);
