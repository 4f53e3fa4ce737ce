// Declares a name that reads as the end of a name and as less than it is.
use hostile::*;

struct Case;

impl Hostile for Case {
    fn describe() -> Description {
        described([permission(vec![Access::Read], secrets(), Some("kube-system"), "a` and nothing else of `b")])
    }
}

hostile!(Case);
