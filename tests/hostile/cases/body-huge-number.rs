// A body with a number that no machine has.
use hostile::*;

struct Case;

impl Hostile for Case {
    fn plan_for(_: Request) -> Result<Plan, Failure> {
        Ok(plan([create_as(
            config_map("hostile-a"),
            r#"{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"hostile-a","namespace":"kube-public"},"data":1e999999}"#,
        )]))
    }
}

hostile!(Case);
