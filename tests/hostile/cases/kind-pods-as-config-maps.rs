// Declares Pods as if they were ConfigMaps.
use hostile::*;

struct Case;

impl Hostile for Case {
    fn describe() -> Description {
        let (of, namespace) = (resource("", "v1", "configmaps", "Pod"), Some("kube-public"));
        described([permission(vec![Access::Read], of, namespace, "hostile-a")])
    }
}

hostile!(Case);
