// Declares to read Nodes of a namespace, as if that were less.
#![no_main]
use hostile::*;

struct Case;

impl Hostile for Case {
    fn describe() -> Description {
        let of = resource("", "v1", "nodes", "Node");
        described([permission(vec![Access::Read], of, Some("kube-public"), "hostile-*")])
    }
}

hostile!(Case);

// exit: 2
// error: the phase gave an answer that is not valid: resource `nodes` is not valid: must be named without a namespace, since its objects are in none
