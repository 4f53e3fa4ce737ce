// Creates a ConfigMap with a million keys.
#![no_main]
use hostile::*;

struct Case;

impl Hostile for Case {
    fn plan_for(_: Request) -> Result<Plan, Failure> {
        let body = r#"{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"hostile-a","namespace":"kube-public"},"data":{"#;
        let keys: String = (0..1_000_000).map(|i| format!("\"{i}\":1,")).collect();
        Ok(plan([create_as(config_map("hostile-a"), &format!("{body}{keys}\"a\":1}}}}"))]))
    }
}

hostile!(Case);

// exit: 2
// error: the phase did not finish within 1000000000 units of fuel
//   hint: allow more with --limit fuel=100G
