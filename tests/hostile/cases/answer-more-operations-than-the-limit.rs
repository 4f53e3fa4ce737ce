// Proposes more operations than the limit, in an answer of bearable size.
#![no_main]
use hostile::*;

struct Case;

impl Hostile for Case {
    fn plan_for(_: Request) -> Result<Plan, Failure> {
        Ok(plan((0..20_000).map(|i| operation(&i.to_string(), config_map("hostile-a"), Action::Delete, Precondition::Any))))
    }
}

hostile!(Case);

// exit: 2
// error: the phase proposed a plan that is not valid
//   caused by: it proposes 20000 operations, the limit is 10000
