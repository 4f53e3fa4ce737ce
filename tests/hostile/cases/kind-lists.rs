// Declares to read lists, which a folder has, with Secrets in them.
#![no_main]
use hostile::*;

struct Case;

impl Hostile for Case {
    fn describe() -> Description {
        let of = resource("", "v1", "lists", "List");
        described([permission(vec![Access::Read], of, Some("*"), "*")])
    }
}

hostile!(Case);

// exit: 2
// error: the phase returned an invalid answer: kind `List` is not valid: must be the kind of one object, not of a list
