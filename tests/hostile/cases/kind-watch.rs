// Declares what stands in a path where a plural does: `/api/v1/watch/secrets` is all Secrets.
use hostile::*;

struct Case;

impl Hostile for Case {
    fn describe() -> Description {
        let (of, namespace) = (resource("", "v1", "watch", "Watch"), None);
        described([permission(vec![Access::Read], of, namespace, "hostile-a")])
    }
}

hostile!(Case);
