// A body with a second object behind the first.
use hostile::*;

struct Case;

impl Hostile for Case {
    fn plan_for(_: Request) -> Result<Plan, Failure> {
        Ok(plan([create_as(
            config_map("hostile-a"),
            r#"{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"hostile-a","namespace":"kube-public"}}{"kind":"Secret"}"#,
        )]))
    }
}

hostile!(Case);
