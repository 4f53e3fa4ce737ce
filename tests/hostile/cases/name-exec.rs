// A subresource that runs commands.
use hostile::*;

struct Case;

impl Hostile for Case {
    fn need(_: Request) -> Result<Needs, Failure> {
        Ok(reads([object(resource("", "v1", "pods/exec", "PodExecOptions"), Some("kube-system"), "a")]))
    }
}

hostile!(Case);
