// Declares to change objects of all namespaces.
use hostile::*;

struct Case;

impl Hostile for Case {
    fn describe() -> Description {
        described([permission(vec![Access::Read, Access::Update], config_maps(), Some("*"), "hostile-*")])
    }
}

hostile!(Case);
