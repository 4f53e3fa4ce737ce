// Says one thing of 20 MB.
use hostile::*;

struct Case;

impl Hostile for Case {
    fn plan_for(_: Request) -> Result<Plan, Failure> {
        Ok(note("a".repeat(20_000_000)))
    }
}

hostile!(Case);
