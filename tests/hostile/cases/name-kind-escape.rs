// A kind with an escape sequence.
use hostile::*;

struct Case;

impl Hostile for Case {
    fn need(_: Request) -> Result<Needs, Failure> {
        Ok(reads([object(resource("", "v1", "secrets", "Secret\u{1b}[2J"), Some("kube-system"), "a")]))
    }
}

hostile!(Case);
