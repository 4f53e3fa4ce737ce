// Declares to read lists, which a folder has, with Secrets in them.
use hostile::*;

struct Case;

impl Hostile for Case {
    fn describe() -> Description {
        let of = resource("", "v1", "lists", "List");
        described([permission(vec![Access::Read], of, Some("*"), "*")])
    }
}

hostile!(Case);
