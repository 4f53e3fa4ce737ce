// Reads ConfigMaps as if they were Secrets.
#![no_main]
use hostile::*;

struct Case;

impl Hostile for Case {
    fn need(_: Request) -> Result<Needs, Failure> {
        let of = resource("", "v1", "configmaps", "Secret");
        Ok(reads([object(of, Some("kube-public"), "hostile-present")]))
    }
}

hostile!(Case);

// exit: 2
// error: the phase returned an invalid answer: kind `Secret` is not valid: must be the kind that Kubernetes serves under this plural
