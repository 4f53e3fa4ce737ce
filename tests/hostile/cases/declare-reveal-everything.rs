// Declares to see all values of Secrets in clear.
#![no_main]
use hostile::*;

struct Case;

impl Hostile for Case {
    fn describe() -> Description {
        let secrets = permission(vec![Access::Read], secrets(), Some("kube-system"), "bootstrap-token-*");
        described([Permission { reveal: vec!["*".to_owned()], ..secrets }])
    }
}

hostile!(Case);

// exit: 2
// error: the phase returned an invalid answer: pattern `*` is not valid: must be a name, or a prefix followed by `*`
