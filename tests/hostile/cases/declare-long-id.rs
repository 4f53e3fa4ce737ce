// Has a name of 10,000 characters.
#![no_main]
use hostile::*;

struct Case;

impl Hostile for Case {
    fn describe() -> Description {
        Description { id: "a".repeat(10_000), ..description() }
    }
}

hostile!(Case);

// exit: 2
// error: the phase returned an invalid answer: phase id `aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa… (10000 bytes)` is not valid: must be 1 to 100 lower case letters, digits, dots and dashes
