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
// error: the phase returned an invalid answer: resource `nodes` is not valid: must not have a namespace, because its objects are cluster-scoped
