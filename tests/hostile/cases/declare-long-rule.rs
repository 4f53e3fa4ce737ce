// Describes a rule in a megabyte.
#![no_main]
use hostile::*;

struct Case;

impl Hostile for Case {
    fn describe() -> Description {
        Description { rules: vec![Rule { description: "a".repeat(1_000_000), ..rule() }], ..description() }
    }
}

hostile!(Case);

// exit: 2
// error: the phase returned an invalid answer: a text of 1000000 bytes, the limit is 2000
