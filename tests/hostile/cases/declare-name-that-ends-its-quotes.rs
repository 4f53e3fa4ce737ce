// Declares a name that reads as the end of a name and as less than it is.
#![no_main]
use hostile::*;

struct Case;

impl Hostile for Case {
    fn describe() -> Description {
        described([permission(vec![Access::Read], secrets(), Some("kube-system"), "a` and nothing else of `b")])
    }
}

hostile!(Case);

// exit: 2
// error: the phase returned an invalid answer: pattern `a` and nothing else of `b` is not valid: must be a name, or a prefix followed by `*`
