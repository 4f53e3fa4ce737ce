// Wants more objects than may be read for a plan.
// args: --limit reads=500
#![no_main]
use hostile::*;

struct Case;

impl Hostile for Case {
    fn need(_: Request) -> Result<Needs, Failure> {
        Ok(Needs { reads: (0..501).flat_map(|number| reads([config_map(&format!("hostile-{number}"))]).reads).collect(), ..needs() })
    }
}

hostile!(Case);

// exit: 2
// error: the phase wants to read more than 500 objects and lists for one plan
//   hint: allow more with --limit reads=10k
