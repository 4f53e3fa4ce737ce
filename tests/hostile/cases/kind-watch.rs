// Declares what stands in a path where a plural does: `/api/v1/watch/secrets` is all Secrets.
#![no_main]
use hostile::*;

struct Case;

impl Hostile for Case {
    fn describe() -> Description {
        let (of, namespace) = (resource("", "v1", "watch", "Watch"), None);
        described([permission(vec![Access::Read], of, namespace, "hostile-a")])
    }
}

hostile!(Case);

// exit: 2
// error: the phase returned an invalid answer: resource `watch` is not valid: must be a resource of its API group
