// Declares a pattern with the star in the middle.
use hostile::*;

struct Case;

impl Hostile for Case {
    fn describe() -> Description {
        described([permission(vec![Access::Read], secrets(), Some("kube-system"), "a*b")])
    }
}

hostile!(Case);
