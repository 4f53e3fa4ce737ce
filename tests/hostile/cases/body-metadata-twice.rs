// A body with two metadata, of which one is right.
use hostile::*;

struct Case;

impl Hostile for Case {
    fn plan_for(_: Request) -> Result<Plan, Failure> {
        Ok(plan([create_as(
            config_map("hostile-a"),
            r#"{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"hostile-a","namespace":"kube-public"},"metadata":{"name":"cluster-info","namespace":"kube-public"}}"#,
        )]))
    }
}

hostile!(Case);
