// Wants one more random string each time.
use hostile::*;

struct Case;

impl Hostile for Case {
    fn need(request: Request) -> Result<Needs, Failure> {
        let random = vec![random(&request.random.len().to_string(), false)];
        Ok(Needs { random, ..needs() })
    }
}

hostile!(Case);
