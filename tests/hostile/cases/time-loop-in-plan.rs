// Never ends when it is asked for its plan.
#![no_main]
use hostile::*;

struct Case;

impl Hostile for Case {
    fn plan_for(_: Request) -> Result<Plan, Failure> {
        loop {}
    }
}

hostile!(Case);

// exit: 2
// error: the phase did not finish within 1000000000 units of fuel
//   hint: allow more with --limit fuel=100G
