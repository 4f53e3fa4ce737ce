// A body with a second object behind the first.
#![no_main]
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

// exit: 2
// error: the phase returned an invalid answer: a body that is not a JSON object: trailing characters at line 1 column 97
