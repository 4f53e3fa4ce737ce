// Declares lists as if they were ConfigMaps: a folder would keep whatever is in them.
#![no_main]
use hostile::*;

struct Case;

impl Hostile for Case {
    fn describe() -> Description {
        let (of, namespace) = (resource("", "v1", "configmaps", "List"), Some("kube-public"));
        described([permission(vec![Access::Create], of, namespace, "hostile-a")])
    }
}

hostile!(Case);

// exit: 2
// error: the phase returned an invalid answer: kind `List` is not valid: must be the kind of one object, not of a list
