// Has a hundred thousand lines for the terminal.
#![no_main]
use hostile::*;

struct Case;

impl Hostile for Case {
    fn plan_for(_: Request) -> Result<Plan, Failure> {
        let one = output([Part::Text("a".to_owned())]).outputs.remove(0);
        Ok(Plan { outputs: vec![one; 100_000], ..plan([]) })
    }
}

hostile!(Case);

// exit: 2
// error: the phase returned an invalid answer: 100000 outputs, the limit is 1000
