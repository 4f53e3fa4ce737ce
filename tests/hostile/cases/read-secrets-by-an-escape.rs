// Hides a field behind a comma that is none.
use hostile::*;

struct Case;

impl Hostile for Case {
    fn need(_: Request) -> Result<Needs, Failure> {
        Ok(selects(secrets(), Some("kube-system"), "type=a\\,data.token-secret=MGExYjJjM2Q0ZTVmNmc3aA=="))
    }
}

hostile!(Case);
