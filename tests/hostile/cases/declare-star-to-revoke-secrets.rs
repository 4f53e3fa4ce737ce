// Declares to revoke all Secrets, which are no bindings.
#![no_main]
use hostile::*;

struct Case;

impl Hostile for Case {
    fn describe() -> Description {
        described([permission(vec![Access::Revoke], secrets(), Some("kube-system"), "*")])
    }
}

hostile!(Case);

// exit: 2
// error: the phase returned an invalid answer: pattern `*` is not valid: must be a name, or a prefix followed by `*`
