// Declares a custom kind called `watch`, so that the path of an object is that of a watch.
#![no_main]
use hostile::*;

struct Case;

impl Hostile for Case {
    fn describe() -> Description {
        let of = resource("example.com", "v1", "watch", "Watch");
        described([permission(vec![Access::Read], of, None, "things")])
    }
}

hostile!(Case);

// exit: 2
// error: the phase returned an invalid answer: resource `watch` is not valid: must not be a reserved word in the paths of an API server
