// Needs more memory to be compiled than it may have.
// args: --limit compile-memory=4Mi
use hostile::*;

struct Case;

impl Hostile for Case {
    fn describe() -> Description {
        Description { summary: "compiled by nobody".to_owned(), ..description() }
    }
}

hostile!(Case);
