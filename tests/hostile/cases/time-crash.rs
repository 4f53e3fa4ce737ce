// Crashes.
#![no_main]
use hostile::*;

struct Case;

impl Hostile for Case {
    fn plan_for(_: Request) -> Result<Plan, Failure> {
        panic!("a text that nobody sees")
    }
}

hostile!(Case);

// exit: 2
// error: the phase crashed: wasm trap: wasm `unreachable` instruction executed (in `plan-for`)
