// Declares a rule twice.
#![no_main]
use hostile::*;

struct Case;

impl Hostile for Case {
    fn describe() -> Description {
        Description { rules: vec![rule(), rule()], ..description() }
    }
}

hostile!(Case);

// exit: 2
// error: the phase returned an invalid answer: the name `broken` twice
