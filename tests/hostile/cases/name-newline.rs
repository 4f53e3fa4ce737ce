// A name with a header behind it.
#![no_main]
use hostile::*;

struct Case;

impl Hostile for Case {
    fn need(_: Request) -> Result<Needs, Failure> {
        Ok(reads([secret("bootstrap-token-aaaaaa HTTP/1.1\r\nX-Remote-User: admin\r\n")]))
    }
}

hostile!(Case);

// exit: 2
// error: the phase returned an invalid answer: name `bootstrap-token-aaaaaa HTTP/1.1\u{d}\u{a}X-Remote-User: admin\u{d}\u{a}` is not valid: must be 1 to 253 characters allowed in a URL path segment, without `*`, and not `.` or `..`
