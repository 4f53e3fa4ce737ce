// A version with more than one path segment.
#![no_main]
use hostile::*;

struct Case;

impl Hostile for Case {
    fn need(_: Request) -> Result<Needs, Failure> {
        Ok(reads([object(resource("", "v1/namespaces/kube-system", "secrets", "Secret"), Some("kube-system"), "a")]))
    }
}

hostile!(Case);

// exit: 2
// error: the phase returned an invalid answer: API version `v1/namespaces/kube-system` is not valid: must be like `v1` or `v1beta1`
