// Says five hundred things of 16,000 characters.
#![no_main]
use hostile::*;

struct Case;

impl Hostile for Case {
    fn plan_for(_: Request) -> Result<Plan, Failure> {
        Ok(Plan { notes: vec!["a".repeat(16_000); 500], ..plan([]) })
    }
}

hostile!(Case);

// exit: 2
// error: the phase returned an invalid answer: a text of 16000 bytes, the limit is 2000
