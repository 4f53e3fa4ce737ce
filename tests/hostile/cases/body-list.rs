// A body that is a list of other objects.
use hostile::*;

struct Case;

impl Hostile for Case {
    fn plan_for(_: Request) -> Result<Plan, Failure> {
        Ok(plan([create(
            config_map("hostile-a"),
            json!({ "kind": "List", "items": [{ "apiVersion": "v1", "kind": "Secret" }] }),
        )]))
    }
}

hostile!(Case);
