// A body with two metadata, of which one is right.
#![no_main]
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

// exit: 2
// error: the phase wants to do more than it is allowed to; nothing was sent
//   operation `create-hostile-a`: its body says `metadata.name` is `cluster-info`, its target says `hostile-a`
