// A subresource that hands out credentials.
#![no_main]
use hostile::*;

struct Case;

impl Hostile for Case {
    fn need(_: Request) -> Result<Needs, Failure> {
        Ok(reads([object(resource("", "v1", "serviceaccounts/token", "TokenRequest"), Some("kube-system"), "a")]))
    }
}

hostile!(Case);

// exit: 2
// error: the phase returned an invalid answer: resource `serviceaccounts/token` is not valid: must be lower case letters and digits
