// Finds a hundred thousand things.
#![no_main]
use hostile::*;

struct Case;

impl Hostile for Case {
    fn plan_for(_: Request) -> Result<Plan, Failure> {
        let one = finding("a", "b").findings.remove(0);
        Ok(Plan { findings: vec![one; 100_000], ..plan([]) })
    }
}

hostile!(Case);

// exit: 2
// error: the phase returned an answer of more than 16777216 bytes
//   hint: allow more with --limit result=64Mi
