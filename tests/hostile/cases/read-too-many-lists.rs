// Wants more lists than may be read for a plan.
// args: --limit reads=500
use hostile::*;

struct Case;

impl Hostile for Case {
    fn need(_: Request) -> Result<Needs, Failure> {
        Ok(Needs { reads: (0..501).flat_map(|number| lists(config_maps(), Some("kube-public"), &format!("x{number}!=y")).reads).collect(), ..needs() })
    }
}

hostile!(Case);
