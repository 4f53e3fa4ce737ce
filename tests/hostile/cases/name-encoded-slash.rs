// A name with an encoded slash.
#![no_main]
use hostile::*;

struct Case;

impl Hostile for Case {
    fn need(_: Request) -> Result<Needs, Failure> {
        Ok(reads([secret("bootstrap-token-aaaaaa%2f..%2fopaque")]))
    }
}

hostile!(Case);

// exit: 2
// error: the phase returned an invalid answer: name `bootstrap-token-aaaaaa%2f..%2fopaque` is not valid: must be 1 to 253 characters allowed in a URL path segment, without `*`, and not `.` or `..`
