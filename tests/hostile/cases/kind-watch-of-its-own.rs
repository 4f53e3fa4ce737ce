// Declares a custom kind called `watch`, so that the path of an object is that of a watch.
use hostile::*;

struct Case;

impl Hostile for Case {
    fn describe() -> Description {
        let of = resource("example.com", "v1", "watch", "Watch");
        described([permission(vec![Access::Read], of, None, "things")])
    }
}

hostile!(Case);
