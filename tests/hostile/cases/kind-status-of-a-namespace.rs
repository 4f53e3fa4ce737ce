// Declares a kind called `status`, so that the path of its list is that of a subresource.
use hostile::*;

struct Case;

impl Hostile for Case {
    fn describe() -> Description {
        let of = resource("", "v1", "status", "Namespace");
        described([permission(vec![Access::Read], of, Some("kube-system"), "*")])
    }
}

hostile!(Case);
