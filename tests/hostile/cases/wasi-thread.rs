// Starts a thread that goes on when the answer is given.
// args: --allow-wasi
// harmless: there are none
use hostile::*;

struct Case;

impl Hostile for Case {
    fn plan_for(_: Request) -> Result<Plan, Failure> {
        Ok(note(format!("{:?}", std::thread::Builder::new().spawn(|| loop {}).err())))
    }
}

hostile!(Case);
