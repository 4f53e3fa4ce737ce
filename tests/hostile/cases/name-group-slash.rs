// A group with more than one path segment.
#![no_main]
use hostile::*;

struct Case;

impl Hostile for Case {
    fn need(_: Request) -> Result<Needs, Failure> {
        Ok(reads([object(
            resource("rbac.authorization.k8s.io/v1/../../..", "v1", "secrets", "Secret"),
            Some("kube-system"),
            "a",
        )]))
    }
}

hostile!(Case);

// exit: 2
// error: the phase returned an invalid answer: API group `rbac.authorization.k8s.io/v1/../../..` is not valid: must be empty or a DNS name
