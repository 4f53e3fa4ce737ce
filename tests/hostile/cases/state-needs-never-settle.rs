// Wants one more object each time.
#![no_main]
use hostile::*;

struct Case;

impl Hostile for Case {
    fn need(request: Request) -> Result<Needs, Failure> {
        Ok(reads([config_map(&format!("hostile-{}", request.observed.len()))]))
    }
}

hostile!(Case);

// exit: 2
// error: the phase still asks for more after 5 rounds
//   hint: allow more rounds with --limit rounds=10
