// Declares a rule whose id means something to a terminal.
#![no_main]
use hostile::*;

struct Case;

impl Hostile for Case {
    fn describe() -> Description {
        Description { rules: vec![Rule { id: "broken\u{1b}[2J".to_owned(), ..rule() }], ..description() }
    }
}

hostile!(Case);

// exit: 2
// error: the phase returned an invalid answer: an empty name, or one with characters other than visible ASCII
