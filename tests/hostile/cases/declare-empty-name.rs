// Declares an empty name.
#![no_main]
use hostile::*;

struct Case;

impl Hostile for Case {
    fn describe() -> Description {
        described([permission(vec![Access::Read], secrets(), Some("kube-system"), "")])
    }
}

hostile!(Case);

// exit: 2
// error: the phase gave an answer that is not valid: pattern `` is not valid: it must be a name, or the start of names and a `*`
