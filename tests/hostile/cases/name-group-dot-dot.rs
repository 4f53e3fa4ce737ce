// A group that leads out of its path.
#![no_main]
use hostile::*;

struct Case;

impl Hostile for Case {
    fn need(_: Request) -> Result<Needs, Failure> {
        Ok(reads([object(resource("..", "v1", "secrets", "Secret"), Some("kube-system"), "a")]))
    }
}

hostile!(Case);

// exit: 2
// error: the phase returned an invalid answer: API group `..` is not valid: must be empty or a DNS name
