// Asks which Secrets do not have a value, behind what may be asked.
use hostile::*;

struct Case;

impl Hostile for Case {
    fn need(_: Request) -> Result<Needs, Failure> {
        Ok(selects(secrets(), Some("kube-system"), "type=bootstrap.kubernetes.io/token,data.token-secret!=MGExYjJjM2Q0ZTVmNmc3aA=="))
    }
}

hostile!(Case);
