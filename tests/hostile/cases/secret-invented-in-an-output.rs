// Shows a secret that the host never gave out.
use hostile::*;

struct Case;

impl Hostile for Case {
    fn plan_for(_: Request) -> Result<Plan, Failure> {
        Ok(output([Part::Secret("s999".to_owned())]))
    }
}

hostile!(Case);
