// Wants more objects than may be read for a plan.
// args: --limit reads=500
use hostile::*;

struct Case;

impl Hostile for Case {
    fn need(_: Request) -> Result<Needs, Failure> {
        Ok(Needs { reads: (0..501).flat_map(|number| reads([config_map(&format!("hostile-{number}"))]).reads).collect(), ..needs() })
    }
}

hostile!(Case);
