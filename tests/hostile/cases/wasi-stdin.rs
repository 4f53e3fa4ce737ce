// Reads what is meant for the host.
// args: --allow-wasi
// harmless: it is empty
#![no_main]
use hostile::*;
use std::io::Read as _;

struct Case;

impl Hostile for Case {
    fn plan_for(_: Request) -> Result<Plan, Failure> {
        let mut text = String::new();
        let read = std::io::stdin().read_to_string(&mut text);
        Ok(note(format!("{read:?} {text:?}")))
    }
}

hostile!(Case);

// exit: 0
// Ok(0) ""
// the folder `DIR`: no cluster is changed
// the folder `DIR`: no cluster is changed
