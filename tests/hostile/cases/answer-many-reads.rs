// Wants to read a million objects.
// args: --limit fuel=100G --limit memory=1Gi --limit result=1Gi
#![no_main]
use hostile::*;

struct Case;

impl Hostile for Case {
    fn need(_: Request) -> Result<Needs, Failure> {
        Ok(reads((0..1_000_000).map(|_| config_map("hostile-a"))))
    }
}

hostile!(Case);

// exit: 2
// error: the phase returned an invalid answer: 1000000 reads, the limit is 1000
