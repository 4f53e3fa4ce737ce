// Reads what it may first, and then what it may not.
use hostile::*;

struct Case;

impl Hostile for Case {
    fn need(request: Request) -> Result<Needs, Failure> {
        Ok(if request.observed.is_empty() { needs() } else { reads([secret("opaque")]) })
    }
}

hostile!(Case);
