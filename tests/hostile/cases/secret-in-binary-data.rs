// Puts a secret into the binary data of a ConfigMap.
use hostile::*;

struct Case;

impl Hostile for Case {
    fn plan_for(request: Request) -> Result<Plan, Failure> {
        Ok(plan([create(config_map("hostile-a"), json!({ "binaryData": { "a": handle(&request) } }))]))
    }
}

hostile!(Case);
