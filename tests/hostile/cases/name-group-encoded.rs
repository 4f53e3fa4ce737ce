// A group with an encoded slash.
use hostile::*;

struct Case;

impl Hostile for Case {
    fn need(_: Request) -> Result<Needs, Failure> {
        Ok(reads([object(resource("apps%2fv1", "v1", "secrets", "Secret"), Some("kube-system"), "a")]))
    }
}

hostile!(Case);
