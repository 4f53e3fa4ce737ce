// A name with a fragment behind it.
#![no_main]
use hostile::*;

struct Case;

impl Hostile for Case {
    fn need(_: Request) -> Result<Needs, Failure> {
        Ok(reads([secret("bootstrap-token-aaaaaa#")]))
    }
}

hostile!(Case);

// exit: 2
// error: the phase returned an invalid answer: name `bootstrap-token-aaaaaa#` is not valid: must be 1 to 253 characters allowed in a URL path segment, without `*`, and not `.` or `..`
