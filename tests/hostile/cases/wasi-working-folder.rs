// Asks where it is.
// args: --allow-wasi
// harmless: there is none
#![no_main]
use hostile::*;

struct Case;

impl Hostile for Case {
    fn plan_for(_: Request) -> Result<Plan, Failure> {
        Ok(note(format!("{:?} {:?}", std::env::current_dir().ok(), std::env::current_exe().ok())))
    }
}

hostile!(Case);

// exit: 0
// Some("/") None
// the folder `DIR`: no cluster is changed
// the folder `DIR`: no cluster is changed
