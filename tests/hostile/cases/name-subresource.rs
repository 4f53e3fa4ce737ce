// A subresource that hands out credentials.
use hostile::*;

struct Case;

impl Hostile for Case {
    fn need(_: Request) -> Result<Needs, Failure> {
        Ok(reads([object(resource("", "v1", "serviceaccounts/token", "TokenRequest"), Some("kube-system"), "a")]))
    }
}

hostile!(Case);
