// Declares a kind of a group that no API server has.
#![no_main]
use hostile::*;

struct Case;

impl Hostile for Case {
    fn describe() -> Description {
        let of = resource("core", "v1", "secrets", "Secret");
        described([permission(vec![Access::Read], of, Some("kube-system"), "bootstrap-token-*")])
    }
}

hostile!(Case);

// exit: 2
// error: the phase returned an invalid answer: API group `core` is not valid: must be a group of Kubernetes or contain a dot
