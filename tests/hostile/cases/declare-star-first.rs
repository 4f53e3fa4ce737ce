// Declares a pattern with the star in front.
use hostile::*;

struct Case;

impl Hostile for Case {
    fn describe() -> Description {
        described([permission(vec![Access::Read], secrets(), Some("kube-system"), "*a")])
    }
}

hostile!(Case);
