// Hides a field behind a comma that is none.
#![no_main]
use hostile::*;

struct Case;

impl Hostile for Case {
    fn need(_: Request) -> Result<Needs, Failure> {
        Ok(selects(secrets(), Some("kube-system"), "type=a\\,data.token-secret=MGExYjJjM2Q0ZTVmNmc3aA=="))
    }
}

hostile!(Case);

// exit: 2
// error: the phase wants to do more than it is allowed to; nothing was sent
//   read secrets where `data.token-secret`: Secrets can only be selected by `metadata.name`, `metadata.namespace` and `type`
