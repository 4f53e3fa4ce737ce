// Declares a kind called `status`, so that the path of its list is that of a subresource.
#![no_main]
use hostile::*;

struct Case;

impl Hostile for Case {
    fn describe() -> Description {
        let of = resource("", "v1", "status", "Namespace");
        described([permission(vec![Access::Read], of, Some("kube-system"), "*")])
    }
}

hostile!(Case);

// exit: 2
// error: the phase returned an invalid answer: resource `status` is not valid: must be a resource of its API group
