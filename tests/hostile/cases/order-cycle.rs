// Three operations wait for each other.
#![no_main]
use hostile::*;

struct Case;

impl Hostile for Case {
    fn plan_for(_: Request) -> Result<Plan, Failure> {
        let [a, b, c] = ["hostile-a", "hostile-b", "hostile-c"].map(|name| create(config_map(name), json!({})));
        Ok(plan([after(["create-hostile-c"], a), after(["create-hostile-a"], b), after(["create-hostile-b"], c)]))
    }
}

hostile!(Case);

// exit: 2
// error: the phase proposed a plan that is not valid
//   caused by: operations depend on each other in a cycle: create-hostile-a, create-hostile-b, create-hostile-c
