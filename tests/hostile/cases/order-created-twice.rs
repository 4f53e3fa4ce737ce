// Creates one object twice.
use hostile::*;

struct Case;

impl Hostile for Case {
    fn plan_for(_: Request) -> Result<Plan, Failure> {
        let once = create(config_map("hostile-a"), json!({ "data": { "a": "b" } }));
        Ok(plan([once.clone(), Operation { id: "again".to_owned(), ..once }]))
    }
}

hostile!(Case);
