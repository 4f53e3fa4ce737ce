// Lists by a label selector that would be another parameter of the URL.
use hostile::*;

struct Case;

impl Hostile for Case {
    fn need(_: Request) -> Result<Needs, Failure> {
        Ok(lists(secrets(), Some("kube-system"), "a=b&watch=true&limit=1#"))
    }
}

hostile!(Case);
