// Says that something was done that was not.
// harmless: it is one line, and not where results are
#![no_main]
use hostile::*;

struct Case;

impl Hostile for Case {
    fn plan_for(_: Request) -> Result<Plan, Failure> {
        Ok(note("secret/bootstrap-token-cccccc created\nerror: none\n"))
    }
}

hostile!(Case);

// exit: 0
// secret/bootstrap-token-cccccc created\u{a}error: none\u{a}
// the folder `DIR`: no cluster is changed
// the folder `DIR`: no cluster is changed
