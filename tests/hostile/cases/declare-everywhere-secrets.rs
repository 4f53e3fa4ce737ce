// Declares the Secrets of all namespaces.
use hostile::*;

struct Case;

impl Hostile for Case {
    fn describe() -> Description {
        described([permission(vec![Access::Read], secrets(), Some("*"), "bootstrap-token-*")])
    }
}

hostile!(Case);
