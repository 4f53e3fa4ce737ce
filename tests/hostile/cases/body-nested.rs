// A body with 200 objects in objects.
#![no_main]
use hostile::*;

struct Case;

impl Hostile for Case {
    fn plan_for(_: Request) -> Result<Plan, Failure> {
        let deep = (0..200).fold(json!({}), |inner, _| json!({ "a": inner }));
        Ok(plan([create(config_map("hostile-a"), json!({ "data": deep }))]))
    }
}

hostile!(Case);

// exit: 2
// error: the phase returned an invalid answer: a body that is not a JSON object: recursion limit exceeded at line 1 column 657
