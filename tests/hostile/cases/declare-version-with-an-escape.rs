// Has a version with an escape sequence.
#![no_main]
use hostile::*;

struct Case;

impl Hostile for Case {
    fn describe() -> Description {
        Description { version: "1.0.0\u{1b}[2J".to_owned(), ..description() }
    }
}

hostile!(Case);

// exit: 2
// error: the phase returned an invalid answer: a version with characters other than visible ASCII
