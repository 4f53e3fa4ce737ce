// Has the same objects handed over by a thousand lists.
// args: --limit read=200Ki
use hostile::*;

struct Case;

impl Hostile for Case {
    fn need(_: Request) -> Result<Needs, Failure> {
        Ok(Needs { reads: (0..1000).flat_map(|number| lists(secrets(), Some("kube-system"), &format!("x{number}!=y")).reads).collect(), ..needs() })
    }
}

hostile!(Case);
