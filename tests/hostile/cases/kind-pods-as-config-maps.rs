// Declares Pods as if they were ConfigMaps.
#![no_main]
use hostile::*;

struct Case;

impl Hostile for Case {
    fn describe() -> Description {
        let (of, namespace) = (resource("", "v1", "configmaps", "Pod"), Some("kube-public"));
        described([permission(vec![Access::Read], of, namespace, "hostile-a")])
    }
}

hostile!(Case);

// exit: 2
// error: the phase returned an invalid answer: kind `Pod` is not valid: must be the kind that Kubernetes serves under this plural
