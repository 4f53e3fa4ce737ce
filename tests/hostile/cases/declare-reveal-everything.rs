// Declares to see all values of Secrets in clear.
use hostile::*;

struct Case;

impl Hostile for Case {
    fn describe() -> Description {
        let secrets = permission(vec![Access::Read], secrets(), Some("kube-system"), "bootstrap-token-*");
        described([Permission { reveal: vec!["*".to_owned()], ..secrets }])
    }
}

hostile!(Case);
