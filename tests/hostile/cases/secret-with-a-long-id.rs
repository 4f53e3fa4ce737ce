// Names a secret by an id of a megabyte.
use hostile::*;

struct Case;

impl Hostile for Case {
    fn plan_for(_: Request) -> Result<Plan, Failure> {
        Ok(output([Part::Secret(format!("s{}", "9".repeat(1_000_000)))]))
    }
}

hostile!(Case);
