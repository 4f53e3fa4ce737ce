// Declares the lists of a custom resource.
#![no_main]
use hostile::*;

struct Case;

impl Hostile for Case {
    fn describe() -> Description {
        let (of, namespace) = (resource("example.com", "v1", "things", "ThingList"), Some("kube-public"));
        described([permission(vec![Access::Create], of, namespace, "hostile-a")])
    }
}

hostile!(Case);

// exit: 2
// error: the phase returned an invalid answer: kind `ThingList` is not valid: must be the kind of one object, not of a list
