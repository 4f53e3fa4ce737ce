// A namespace with more than one path segment.
use hostile::*;

struct Case;

impl Hostile for Case {
    fn need(_: Request) -> Result<Needs, Failure> {
        Ok(reads([object(secrets(), Some("kube-public/../kube-system"), "bootstrap-token-aaaaaa")]))
    }
}

hostile!(Case);
