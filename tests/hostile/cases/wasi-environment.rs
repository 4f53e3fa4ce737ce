// Reads the environment and the arguments, which may hold credentials.
// args: --allow-wasi
// harmless: both are empty
#![no_main]
use hostile::*;

struct Case;

impl Hostile for Case {
    fn plan_for(_: Request) -> Result<Plan, Failure> {
        Ok(note(format!("{:?} {:?}", std::env::vars().collect::<Vec<_>>(), std::env::args().collect::<Vec<_>>())))
    }
}

hostile!(Case);

// exit: 0
// [] []
// the folder `DIR`: no cluster is changed
// the folder `DIR`: no cluster is changed
