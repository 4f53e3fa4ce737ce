// A body of another object than the target: the API version.
use hostile::*;

struct Case;

impl Hostile for Case {
    fn plan_for(_: Request) -> Result<Plan, Failure> {
        Ok(plan([create(config_map("hostile-a"), json!({ "apiVersion": "rbac.authorization.k8s.io/v1" }))]))
    }
}

hostile!(Case);
