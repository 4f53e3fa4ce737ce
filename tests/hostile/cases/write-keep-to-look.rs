// Asks for the state of an object that it may not read, as if it were in order.
#![no_main]
use hostile::*;

struct Case;

impl Hostile for Case {
    fn plan_for(_: Request) -> Result<Plan, Failure> {
        Ok(plan([operation("keep", secret("other"), Action::Keep, Precondition::AsObserved)]))
    }
}

hostile!(Case);

// exit: 2
// error: the phase wants to do more than it is allowed to; nothing was sent
//   read secrets (Secret) in kube-system named `other`: the phase does not declare it
