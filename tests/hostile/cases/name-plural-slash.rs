// A plural with more than one path segment.
use hostile::*;

struct Case;

impl Hostile for Case {
    fn need(_: Request) -> Result<Needs, Failure> {
        Ok(reads([object(resource("", "v1", "../secrets", "Secret"), Some("kube-system"), "a")]))
    }
}

hostile!(Case);
