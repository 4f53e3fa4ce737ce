// A namespace with a query behind it.
#![no_main]
use hostile::*;

struct Case;

impl Hostile for Case {
    fn need(_: Request) -> Result<Needs, Failure> {
        Ok(reads([object(secrets(), Some("kube-system?watch=true"), "bootstrap-token-aaaaaa")]))
    }
}

hostile!(Case);

// exit: 2
// error: the phase returned an invalid answer: namespace `kube-system?watch=true` is not valid: must be 1 to 63 lower case letters, digits and inner dashes
