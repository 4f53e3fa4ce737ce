// Deletes a token, which it did not declare.
use hostile::*;

struct Case;

impl Hostile for Case {
    fn plan_for(_: Request) -> Result<Plan, Failure> {
        Ok(plan([operation("delete", secret("bootstrap-token-aaaaaa"), Action::Delete, Precondition::AsObserved)]))
    }
}

hostile!(Case);
