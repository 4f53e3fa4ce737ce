// Wants one more object each time.
use hostile::*;

struct Case;

impl Hostile for Case {
    fn need(request: Request) -> Result<Needs, Failure> {
        Ok(reads([config_map(&format!("hostile-{}", request.observed.len()))]))
    }
}

hostile!(Case);
