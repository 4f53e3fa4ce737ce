// Declares to read Nodes of a namespace, as if that were less.
use hostile::*;

struct Case;

impl Hostile for Case {
    fn describe() -> Description {
        let of = resource("", "v1", "nodes", "Node");
        described([permission(vec![Access::Read], of, Some("kube-public"), "hostile-*")])
    }
}

hostile!(Case);
