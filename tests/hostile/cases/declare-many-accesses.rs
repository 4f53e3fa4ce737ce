// Declares an access a million times.
use hostile::*;

struct Case;

impl Hostile for Case {
    fn describe() -> Description {
        described([permission(vec![Access::Read; 1_000_000], secrets(), Some("kube-system"), "a")])
    }
}

hostile!(Case);
