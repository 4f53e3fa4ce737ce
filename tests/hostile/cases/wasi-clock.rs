// Looks at the clock.
// args: --allow-wasi
// harmless: the clock stands still
#![no_main]
use hostile::*;
use std::time::SystemTime;

struct Case;

impl Hostile for Case {
    fn plan_for(_: Request) -> Result<Plan, Failure> {
        Ok(note(format!("{:?}", SystemTime::now().duration_since(SystemTime::UNIX_EPOCH))))
    }
}

hostile!(Case);

// exit: 0
// Ok(1893456000s)
// the folder `DIR`: no cluster is changed
// the folder `DIR`: no cluster is changed
