// A name with an escape sequence.
#![no_main]
use hostile::*;

struct Case;

impl Hostile for Case {
    fn need(_: Request) -> Result<Needs, Failure> {
        Ok(reads([secret("bootstrap-token-\u{1b}[2J")]))
    }
}

hostile!(Case);

// exit: 2
// error: the phase returned an invalid answer: name `bootstrap-token-\u{1b}[2J` is not valid: must be 1 to 253 characters allowed in a URL path segment, without `*`, and not `.` or `..`
