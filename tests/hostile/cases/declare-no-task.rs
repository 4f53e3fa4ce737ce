// Can be asked for nothing.
#![no_main]
use hostile::*;

struct Case;

impl Hostile for Case {
    fn describe() -> Description {
        Description { tasks: Vec::new(), ..description() }
    }
}

hostile!(Case);

// exit: 2
// error: phase `hostile.test` has no task `apply`; it has none
