// Declares the lists of a custom resource.
use hostile::*;

struct Case;

impl Hostile for Case {
    fn describe() -> Description {
        let (of, namespace) = (resource("example.com", "v1", "things", "ThingList"), Some("kube-public"));
        described([permission(vec![Access::Create], of, namespace, "hostile-a")])
    }
}

hostile!(Case);
