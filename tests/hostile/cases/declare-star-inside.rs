// Declares a pattern with the star in the middle.
#![no_main]
use hostile::*;

struct Case;

impl Hostile for Case {
    fn describe() -> Description {
        described([permission(vec![Access::Read], secrets(), Some("kube-system"), "a*b")])
    }
}

hostile!(Case);

// exit: 2
// error: the phase returned an invalid answer: pattern `a*b` is not valid: must be a name, or a prefix followed by `*`
