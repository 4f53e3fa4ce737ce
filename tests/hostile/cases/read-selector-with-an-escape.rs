// Lists by a label selector with control characters.
#![no_main]
use hostile::*;

struct Case;

impl Hostile for Case {
    fn need(_: Request) -> Result<Needs, Failure> {
        Ok(lists(secrets(), Some("kube-system"), "a=b\u{1b}[2J\r\nX-Header: x"))
    }
}

hostile!(Case);

// exit: 2
// error: the phase returned an invalid answer: a selector with control characters
