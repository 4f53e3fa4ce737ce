// Writes to the terminal without end.
// args: --allow-wasi
#![no_main]
use hostile::*;

struct Case;

impl Hostile for Case {
    fn plan_for(_: Request) -> Result<Plan, Failure> {
        loop {
            println!("{}", "a".repeat(1_000));
        }
    }
}

hostile!(Case);

// exit: 2
// error: the phase crashed: wasm trap: wasm `unreachable` instruction executed (in `plan-for`)
