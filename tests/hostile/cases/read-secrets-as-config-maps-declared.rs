// Declares to read Secrets as if they were ConfigMaps, whose values are not hidden.
#![no_main]
use hostile::*;

struct Case;

impl Hostile for Case {
    fn describe() -> Description {
        let of = resource("", "v1", "secrets", "ConfigMap");
        described([permission(vec![Access::Read], of, Some("kube-system"), "bootstrap-token-*")])
    }

    fn need(_: Request) -> Result<Needs, Failure> {
        let of = resource("", "v1", "secrets", "ConfigMap");
        Ok(reads([object(of, Some("kube-system"), "bootstrap-token-aaaaaa")]))
    }
}

hostile!(Case);

// exit: 2
// error: the phase returned an invalid answer: kind `ConfigMap` is not valid: must be the kind that Kubernetes serves under this plural
