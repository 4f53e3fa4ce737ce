// A name of a megabyte.
#![no_main]
use hostile::*;

struct Case;

impl Hostile for Case {
    fn need(_: Request) -> Result<Needs, Failure> {
        Ok(reads([secret(&"a".repeat(1_000_000))]))
    }
}

hostile!(Case);

// exit: 2
// error: the phase returned an invalid answer: name `aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa… (1000000 bytes)` is not valid: must be 1 to 253 characters allowed in a URL path segment, without `*`, and not `.` or `..`
