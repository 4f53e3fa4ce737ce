// Proposes a million operations.
// args: --limit fuel=100G --limit memory=1Gi --limit result=1Gi
use hostile::*;

struct Case;

impl Hostile for Case {
    fn plan_for(_: Request) -> Result<Plan, Failure> {
        Ok(plan((0..1_000_000).map(|_| operation("a", config_map("hostile-a"), Action::Delete, Precondition::Any))))
    }
}

hostile!(Case);
