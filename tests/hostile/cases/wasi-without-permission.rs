// Imports WASI, as every program with the standard library does, and nobody allowed it.
#![no_main]
use hostile::*;

struct Case;

impl Hostile for Case {
    fn plan_for(_: Request) -> Result<Plan, Failure> {
        Ok(note("a"))
    }
}

hostile!(Case);

// exit: 2
// error: the phase is refused
//   caused by: it imports `wasi:io/poll@0.2.6` and 12 more, but WASI is not allowed
//   hint: build it without WASI, as examples/phases does, or run it with --allow-wasi
