// Asks for the state of an object that it may not read, as if it were in order.
use hostile::*;

struct Case;

impl Hostile for Case {
    fn plan_for(_: Request) -> Result<Plan, Failure> {
        Ok(plan([operation("keep", secret("other"), Action::Keep, Precondition::AsObserved)]))
    }
}

hostile!(Case);
