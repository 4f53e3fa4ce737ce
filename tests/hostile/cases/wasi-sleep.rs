// Sleeps for an hour.
// args: --allow-wasi
// harmless: nobody waits
#![no_main]
use hostile::*;
use std::time::Duration;

struct Case;

impl Hostile for Case {
    fn plan_for(_: Request) -> Result<Plan, Failure> {
        std::thread::sleep(Duration::from_secs(3_600));
        Ok(note("awake"))
    }
}

hostile!(Case);

// exit: 0
// awake
// the folder `DIR`: no cluster is changed
// the folder `DIR`: no cluster is changed
