// Declares a name with an escape sequence.
#![no_main]
use hostile::*;

struct Case;

impl Hostile for Case {
    fn describe() -> Description {
        described([permission(vec![Access::Read], secrets(), Some("kube-system"), "a\u{1b}[2J")])
    }
}

hostile!(Case);

// exit: 2
// error: the phase returned an invalid answer: pattern `a\u{1b}[2J` is not valid: must be a name, or a prefix followed by `*`
