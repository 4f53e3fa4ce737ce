// A group with an encoded slash.
#![no_main]
use hostile::*;

struct Case;

impl Hostile for Case {
    fn need(_: Request) -> Result<Needs, Failure> {
        Ok(reads([object(resource("apps%2fv1", "v1", "secrets", "Secret"), Some("kube-system"), "a")]))
    }
}

hostile!(Case);

// exit: 2
// error: the phase returned an invalid answer: API group `apps%2fv1` is not valid: must be empty or a DNS name
