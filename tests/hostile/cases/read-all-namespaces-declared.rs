// Lists the Secrets of all namespaces, which it declared as if they had none.
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
