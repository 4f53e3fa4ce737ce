// Reads a Secret that it declared; nobody granted it.
use hostile::*;

struct Case;

impl Hostile for Case {
    fn describe() -> Description {
        described([permission(vec![Access::Read], secrets(), Some("kube-system"), "opaque")])
    }

    fn need(_: Request) -> Result<Needs, Failure> {
        Ok(reads([secret("opaque")]))
    }
}

hostile!(Case);
