// Has a schema of parameters of ten megabytes.
#![no_main]
use hostile::*;

struct Case;

impl Hostile for Case {
    fn describe() -> Description {
        let task = description().tasks.remove(0);
        Description { tasks: vec![Task { parameters: "a".repeat(10_000_000), ..task }], ..description() }
    }
}

hostile!(Case);

// exit: 2
// error: the phase returned an invalid answer: a text of 10000000 bytes, the limit is 16384
