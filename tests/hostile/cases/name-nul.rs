// A name with a NUL.
#![no_main]
use hostile::*;

struct Case;

impl Hostile for Case {
    fn need(_: Request) -> Result<Needs, Failure> {
        Ok(reads([secret("bootstrap-token-aaaaaa\0")]))
    }
}

hostile!(Case);

// exit: 2
// error: the phase gave an answer that is not valid: name `bootstrap-token-aaaaaa\u{0}` is not valid: must be 1 to 253 characters that can stand in a URL path segment, without `*`, not `.` or `..`
