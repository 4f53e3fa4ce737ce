// Never ends before the first question: `_initialize` is called by the component's start function.
#![no_main]
use hostile::*;

struct Case;

impl Hostile for Case {}

#[unsafe(no_mangle)]
extern "C" fn _initialize() {
    loop {}
}

hostile!(Case);

// exit: 2
// error: the phase did not finish within 1000000000 units of fuel
//   hint: allow more with --limit fuel=100G
