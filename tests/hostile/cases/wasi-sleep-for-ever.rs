// Sleeps again and again.
// args: --allow-wasi --limit fuel=100M
#![no_main]
use hostile::*;
use std::time::Duration;

struct Case;

impl Hostile for Case {
    fn plan_for(_: Request) -> Result<Plan, Failure> {
        loop {
            std::thread::sleep(Duration::from_secs(3_600));
        }
    }
}

hostile!(Case);

// exit: 2
// error: the phase did not finish within 100000000 units of fuel
//   hint: allow more with --limit fuel=100G
