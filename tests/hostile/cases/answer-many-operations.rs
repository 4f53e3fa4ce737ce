// Proposes a million operations.
// args: --limit fuel=100G --limit memory=1Gi --limit result=1Gi
#![no_main]
use hostile::*;

struct Case;

impl Hostile for Case {
    fn plan_for(_: Request) -> Result<Plan, Failure> {
        Ok(plan((0..1_000_000).map(|_| operation("a", config_map("hostile-a"), Action::Delete, Precondition::Any))))
    }
}

hostile!(Case);

// exit: 2
// error: the phase proposed a plan that is not valid
//   caused by: it proposes 1000000 operations, the limit is 10000
