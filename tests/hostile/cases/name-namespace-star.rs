// A namespace that means all.
#![no_main]
use hostile::*;

struct Case;

impl Hostile for Case {
    fn need(_: Request) -> Result<Needs, Failure> {
        Ok(reads([object(secrets(), Some("*"), "bootstrap-token-aaaaaa")]))
    }
}

hostile!(Case);

// exit: 2
// error: the phase returned an invalid answer: namespace `*` is not valid: must be 1 to 63 lower case letters, digits and inner dashes
