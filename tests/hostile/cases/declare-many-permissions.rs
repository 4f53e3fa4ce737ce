// Declares ten thousand permissions.
use hostile::*;

struct Case;

impl Hostile for Case {
    fn describe() -> Description {
        let one = permission(vec![Access::Read], secrets(), Some("kube-system"), "bootstrap-token-*");
        described(vec![one; 10_000])
    }
}

hostile!(Case);
