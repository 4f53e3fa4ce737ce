// Declares to change whatever there is.
use hostile::*;

struct Case;

impl Hostile for Case {
    fn describe() -> Description {
        described([permission(vec![Access::Read, Access::Update], config_maps(), Some("kube-system"), "*")])
    }
}

hostile!(Case);
