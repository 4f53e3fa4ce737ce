// Has a name of 10,000 characters.
use hostile::*;

struct Case;

impl Hostile for Case {
    fn describe() -> Description {
        Description { id: "a".repeat(10_000), ..description() }
    }
}

hostile!(Case);
