// Declares a name that no object can have.
use hostile::*;

struct Case;

impl Hostile for Case {
    fn describe() -> Description {
        described([permission(vec![Access::Read], secrets(), Some("kube-system"), "a/../b")])
    }
}

hostile!(Case);
