// A kind with an escape sequence.
#![no_main]
use hostile::*;

struct Case;

impl Hostile for Case {
    fn need(_: Request) -> Result<Needs, Failure> {
        Ok(reads([object(resource("", "v1", "secrets", "Secret\u{1b}[2J"), Some("kube-system"), "a")]))
    }
}

hostile!(Case);

// exit: 2
// error: the phase returned an invalid answer: kind `Secret\u{1b}[2J` is not valid: must be letters and digits
