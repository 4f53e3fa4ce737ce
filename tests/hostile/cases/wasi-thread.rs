// Starts a thread that goes on when the answer is given.
// args: --allow-wasi
// harmless: there are none
#![no_main]
use hostile::*;

struct Case;

impl Hostile for Case {
    fn plan_for(_: Request) -> Result<Plan, Failure> {
        Ok(note(format!("{:?}", std::thread::Builder::new().spawn(|| loop {}).err())))
    }
}

hostile!(Case);

// exit: 0
// Some(Os { code: 58, kind: Unsupported, message: "Not supported" })
// the folder `DIR`: no cluster is changed
// the folder `DIR`: no cluster is changed
