// A body with an owner that does not exist: the garbage collector deletes what belongs to it.
use hostile::*;

struct Case;

impl Hostile for Case {
    fn plan_for(_: Request) -> Result<Plan, Failure> {
        Ok(plan([create(
            config_map("hostile-a"),
            json!({ "metadata": { "ownerReferences": [{ "apiVersion": "v1", "kind": "ConfigMap", "name": "a", "uid": "00000000-0000-0000-0000-000000000000" }] } }),
        )]))
    }
}

hostile!(Case);
