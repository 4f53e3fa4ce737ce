// Hides one read that is not allowed among those that are.
use hostile::*;

struct Case;

impl Hostile for Case {
    fn need(_: Request) -> Result<Needs, Failure> {
        let mut needs = needs();
        needs.reads.extend(reads([secret("opaque")]).reads);
        Ok(needs)
    }
}

hostile!(Case);
