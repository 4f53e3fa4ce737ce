// Has the same objects handed over by a thousand lists.
// args: --limit read=200Ki
#![no_main]
use hostile::*;

struct Case;

impl Hostile for Case {
    fn need(_: Request) -> Result<Needs, Failure> {
        Ok(Needs { reads: (0..1000).flat_map(|number| lists(secrets(), Some("kube-system"), &format!("x{number}!=y")).reads).collect(), ..needs() })
    }
}

hostile!(Case);

// exit: 2
// error: the requested objects in `DIR` are larger than 200 KiB in total
//   hint: read more with --limit read=256Mi, or for all commands with `read` under `limits` in config.yaml
