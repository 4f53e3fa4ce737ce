// Declares all names.
use hostile::*;

struct Case;

impl Hostile for Case {
    fn describe() -> Description {
        described([permission(vec![Access::Read], secrets(), Some("kube-system"), "*")])
    }
}

hostile!(Case);
