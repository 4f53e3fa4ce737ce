// Two operations have one id.
#![no_main]
use hostile::*;

struct Case;

impl Hostile for Case {
    fn plan_for(_: Request) -> Result<Plan, Failure> {
        let [a, b] = ["hostile-a", "hostile-b"].map(|name| create(config_map(name), json!({})));
        Ok(plan([a.clone(), Operation { id: a.id, ..b }]))
    }
}

hostile!(Case);

// exit: 2
// error: the phase proposed a plan that is not valid
//   caused by: operation id `create-hostile-a` is used twice
