// Crashes.
use hostile::*;

struct Case;

impl Hostile for Case {
    fn plan_for(_: Request) -> Result<Plan, Failure> {
        panic!("a text that nobody sees")
    }
}

hostile!(Case);
