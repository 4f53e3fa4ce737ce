// Declares a kind of a group that no API server has.
use hostile::*;

struct Case;

impl Hostile for Case {
    fn describe() -> Description {
        let of = resource("core", "v1", "secrets", "Secret");
        described([permission(vec![Access::Read], of, Some("kube-system"), "bootstrap-token-*")])
    }
}

hostile!(Case);
