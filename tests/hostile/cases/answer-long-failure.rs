// Fails with a text of a megabyte.
use hostile::*;

struct Case;

impl Hostile for Case {
    fn plan_for(_: Request) -> Result<Plan, Failure> {
        Err(Failure::Other("a".repeat(1_000_000)))
    }
}

hostile!(Case);
