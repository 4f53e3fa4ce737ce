// A namespace with an escape sequence.
use hostile::*;

struct Case;

impl Hostile for Case {
    fn need(_: Request) -> Result<Needs, Failure> {
        Ok(reads([object(secrets(), Some("kube-\u{1b}[2J"), "bootstrap-token-aaaaaa")]))
    }
}

hostile!(Case);
