// Imports WASI, as every program with the standard library does, and nobody allowed it.
use hostile::*;

struct Case;

impl Hostile for Case {
    fn plan_for(_: Request) -> Result<Plan, Failure> {
        Ok(note("a"))
    }
}

hostile!(Case);
