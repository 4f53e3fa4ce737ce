// A body of a hundred thousand lists in lists.
use hostile::*;

struct Case;

impl Hostile for Case {
    fn plan_for(_: Request) -> Result<Plan, Failure> {
        Ok(plan([create_as(config_map("hostile-a"), &format!("{{\"data\":{}", "[".repeat(100_000)))]))
    }
}

hostile!(Case);
