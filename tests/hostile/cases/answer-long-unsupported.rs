// Does not do this, and says so in a megabyte.
use hostile::*;

struct Case;

impl Hostile for Case {
    fn plan_for(_: Request) -> Result<Plan, Failure> {
        Err(Failure::Unsupported("a".repeat(1_000_000)))
    }
}

hostile!(Case);
