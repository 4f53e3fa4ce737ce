// Never ends, with more fuel than there is time.
// args: --limit fuel=1000G --limit call-time=1s
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
// error: the phase did not finish within 1000 ms
//   hint: allow more with --limit call-time=2m
