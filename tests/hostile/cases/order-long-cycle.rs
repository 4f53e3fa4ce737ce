// Ten thousand operations wait for each other.
#![no_main]
use hostile::*;

struct Case;

impl Hostile for Case {
    fn plan_for(_: Request) -> Result<Plan, Failure> {
        let one = |i: u32| {
            let target = config_map(&format!("hostile-{i}"));
            let (id, before) = (i.to_string(), ((i + 1) % 10_000).to_string());
            after([before.as_str()], operation(&id, target, Action::Delete, Precondition::Any))
        };
        Ok(plan((0..10_000).map(one)))
    }
}

hostile!(Case);

// exit: 2
// error: the phase proposed a plan that is not valid
//   caused by: operations depend on each other in a cycle: 0, 1, 2, 3, 4, 5, 6, 7, 8, 9 and 9990 more
