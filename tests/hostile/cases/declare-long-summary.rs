// Describes itself in a megabyte.
use hostile::*;

struct Case;

impl Hostile for Case {
    fn describe() -> Description {
        Description { summary: "a".repeat(1_000_000), ..description() }
    }
}

hostile!(Case);
