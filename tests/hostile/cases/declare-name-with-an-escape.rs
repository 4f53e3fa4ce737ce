// Declares a name with an escape sequence.
use hostile::*;

struct Case;

impl Hostile for Case {
    fn describe() -> Description {
        described([permission(vec![Access::Read], secrets(), Some("kube-system"), "a\u{1b}[2J")])
    }
}

hostile!(Case);
