// Patches an object on condition that it does not exist.
use hostile::*;

struct Case;

impl Hostile for Case {
    fn plan_for(_: Request) -> Result<Plan, Failure> {
        Ok(plan([Operation { when: Precondition::Absent, ..patch(config_map("hostile-a"), json!({})) }]))
    }
}

hostile!(Case);
