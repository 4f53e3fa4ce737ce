// Never ends when it is asked for its plan.
use hostile::*;

struct Case;

impl Hostile for Case {
    fn plan_for(_: Request) -> Result<Plan, Failure> {
        loop {}
    }
}

hostile!(Case);
