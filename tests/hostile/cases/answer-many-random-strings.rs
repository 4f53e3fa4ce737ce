// Wants a million random strings.
// args: --limit fuel=100G --limit memory=1Gi --limit result=1Gi
#![no_main]
use hostile::*;

struct Case;

impl Hostile for Case {
    fn need(_: Request) -> Result<Needs, Failure> {
        let random = (0..1_000_000).map(|i| random(&i.to_string(), false)).collect();
        Ok(Needs { reads: Vec::new(), random })
    }
}

hostile!(Case);

// exit: 2
// error: the phase returned an invalid answer: 1000000 random strings, the limit is 256
