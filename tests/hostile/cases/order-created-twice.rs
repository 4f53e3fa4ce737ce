// Creates one object twice.
#![no_main]
use hostile::*;

struct Case;

impl Hostile for Case {
    fn plan_for(_: Request) -> Result<Plan, Failure> {
        let once = create(config_map("hostile-a"), json!({ "data": { "a": "b" } }));
        Ok(plan([once.clone(), Operation { id: "again".to_owned(), ..once }]))
    }
}

hostile!(Case);

// exit: 2
// error: the phase proposed a plan that is not valid
//   caused by: operations `create-hostile-a` and `again` target the same object, but their order is not defined
