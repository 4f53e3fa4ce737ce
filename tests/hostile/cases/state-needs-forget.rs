// Does not want any more what it wanted before.
// harmless: what was asked for is known
use hostile::*;

struct Case;

impl Hostile for Case {
    fn need(request: Request) -> Result<Needs, Failure> {
        Ok(if request.observed.is_empty() { needs() } else { reads([]) })
    }
}

hostile!(Case);
