// A plural with more than one path segment.
#![no_main]
use hostile::*;

struct Case;

impl Hostile for Case {
    fn need(_: Request) -> Result<Needs, Failure> {
        Ok(reads([object(resource("", "v1", "../secrets", "Secret"), Some("kube-system"), "a")]))
    }
}

hostile!(Case);

// exit: 2
// error: the phase returned an invalid answer: resource `../secrets` is not valid: must be lower case letters and digits
