// Is asked about a folder that has more than may be read.
// args: --limit read=1Ki --limit reads=3
#![no_main]
use hostile::*;

struct Case;

impl Hostile for Case {
    fn need(_: Request) -> Result<Needs, Failure> {
        Ok(Needs { reads: (0..3).flat_map(|number| lists(secrets(), Some("kube-system"), &format!("x{number}!=y")).reads).collect(), ..needs() })
    }
}

hostile!(Case);

// exit: 2
// error: the manifests in `DIR` are larger than 1 KiB in total
//   hint: read more with --limit read=256Mi, or for all commands with `read` under `limits` in config.yaml
