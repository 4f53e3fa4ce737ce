// A patch that moves the object to another namespace.
use hostile::*;

struct Case;

impl Hostile for Case {
    fn plan_for(_: Request) -> Result<Plan, Failure> {
        Ok(plan([patch(config_map("hostile-present"), json!({ "metadata": { "namespace": "kube-system" } }))]))
    }
}

hostile!(Case);
