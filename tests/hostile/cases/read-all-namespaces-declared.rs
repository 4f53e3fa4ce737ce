// Lists the Secrets of all namespaces, which it declared as if they had none.
#![no_main]
use hostile::*;

struct Case;

impl Hostile for Case {
    fn describe() -> Description {
        described([permission(vec![Access::Read], secrets(), None, "bootstrap-token-*")])
    }

    fn need(_: Request) -> Result<Needs, Failure> {
        Ok(lists(secrets(), None, ""))
    }
}

hostile!(Case);

// exit: 2
// error: the phase returned an invalid answer: resource `secrets` is not valid: needs a namespace, because its objects are namespaced
