// Says one thing that is longer than any text for people.
use hostile::*;

struct Case;

impl Hostile for Case {
    fn plan_for(_: Request) -> Result<Plan, Failure> {
        Ok(note("a".repeat(100_000)))
    }
}

hostile!(Case);
