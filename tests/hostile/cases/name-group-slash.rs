// A group with more than one path segment.
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
