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
// error: the phase gave an answer that is not valid: name `bootstrap-token-aaaaaa HTTP/1.1\u{d}\u{a}X-Remote-User: admin\u{d}\u{a}` is not valid: must be 1 to 253 characters that can stand in a URL path segment, without `*`, not `.` or `..`
