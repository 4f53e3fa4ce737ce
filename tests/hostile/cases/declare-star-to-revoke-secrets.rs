// Declares to revoke all Secrets, which are no bindings.
use hostile::*;

struct Case;

impl Hostile for Case {
    fn describe() -> Description {
        described([permission(vec![Access::Revoke], secrets(), Some("kube-system"), "*")])
    }
}

hostile!(Case);
