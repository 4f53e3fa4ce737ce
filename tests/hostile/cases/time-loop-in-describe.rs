// Never ends, before it has said who it is.
#![no_main]
use hostile::*;

struct Case;

impl Hostile for Case {
    fn describe() -> Description {
        loop {}
    }
}

hostile!(Case);

// exit: 2
// error: the phase did not finish within 1000000000 units of fuel
//   hint: allow more with --limit fuel=100G
