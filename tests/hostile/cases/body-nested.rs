// A body with 200 objects in objects.
use hostile::*;

struct Case;

impl Hostile for Case {
    fn plan_for(_: Request) -> Result<Plan, Failure> {
        let deep = (0..200).fold(json!({}), |inner, _| json!({ "a": inner }));
        Ok(plan([create(config_map("hostile-a"), json!({ "data": deep }))]))
    }
}

hostile!(Case);
