// Asks for the copy of a Secret that kubectl keeps.
#![no_main]
use hostile::*;

struct Case;

impl Hostile for Case {
    fn need(_: Request) -> Result<Needs, Failure> {
        Ok(selects(secrets(), Some("kube-system"), "metadata.annotations.copy=x"))
    }
}

hostile!(Case);

// exit: 2
// error: the phase wants to do more than it is allowed to; nothing was sent
//   read secrets where `metadata.annotations.copy`: Secrets can only be selected by `metadata.name`, `metadata.namespace` and `type`
