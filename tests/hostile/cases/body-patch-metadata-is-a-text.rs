// A patch that puts a text where the metadata was.
use hostile::*;

struct Case;

impl Hostile for Case {
    fn plan_for(_: Request) -> Result<Plan, Failure> {
        Ok(plan([patch(config_map("hostile-present"), json!({ "metadata": "hostile" }))]))
    }
}

hostile!(Case);
