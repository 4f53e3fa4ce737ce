// Declares ten thousand permissions.
#![no_main]
use hostile::*;

struct Case;

impl Hostile for Case {
    fn describe() -> Description {
        let one = permission(vec![Access::Read], secrets(), Some("kube-system"), "bootstrap-token-*");
        described(vec![one; 10_000])
    }
}

hostile!(Case);

// exit: 2
// error: the phase returned an invalid answer: 10002 permissions, the limit is 100
