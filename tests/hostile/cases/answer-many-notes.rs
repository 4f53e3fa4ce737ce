// Says a million things.
use hostile::*;

struct Case;

impl Hostile for Case {
    fn plan_for(_: Request) -> Result<Plan, Failure> {
        Ok(Plan { notes: vec!["a".to_owned(); 1_000_000], ..plan([]) })
    }
}

hostile!(Case);
