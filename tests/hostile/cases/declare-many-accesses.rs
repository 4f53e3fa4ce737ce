// Declares an access a million times.
#![no_main]
use hostile::*;

struct Case;

impl Hostile for Case {
    fn describe() -> Description {
        described([permission(vec![Access::Read; 1_000_000], secrets(), Some("kube-system"), "a")])
    }
}

hostile!(Case);

// exit: 2
// error: the phase returned an invalid answer: 1000000 accesses, the limit is 100
