// Says five hundred things of 16,000 characters.
use hostile::*;

struct Case;

impl Hostile for Case {
    fn plan_for(_: Request) -> Result<Plan, Failure> {
        Ok(Plan { notes: vec!["a".repeat(16_000); 500], ..plan([]) })
    }
}

hostile!(Case);
