// Deletes a token, which it did not declare.
#![no_main]
use hostile::*;

struct Case;

impl Hostile for Case {
    fn plan_for(_: Request) -> Result<Plan, Failure> {
        Ok(plan([operation("delete", secret("bootstrap-token-aaaaaa"), Action::Delete, Precondition::AsObserved)]))
    }
}

hostile!(Case);

// exit: 2
// error: the phase wants to do more than it is allowed to; nothing was sent
//   delete secrets (Secret) in kube-system named `bootstrap-token-aaaaaa`: the phase does not declare it
