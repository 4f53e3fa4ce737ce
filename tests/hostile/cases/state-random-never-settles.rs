// Wants one more random string each time.
#![no_main]
use hostile::*;

struct Case;

impl Hostile for Case {
    fn need(request: Request) -> Result<Needs, Failure> {
        let random = vec![random(&request.random.len().to_string(), false)];
        Ok(Needs { random, ..needs() })
    }
}

hostile!(Case);

// exit: 2
// error: the phase still asks for more after 5 rounds
//   hint: allow more rounds with --limit rounds=10
