// Puts the secret that the user gave into a ConfigMap.
// args: abcdef.0123456789abcdef
use hostile::*;

struct Case;

impl Hostile for Case {
    fn plan_for(request: Request) -> Result<Plan, Failure> {
        let parameters: Value = serde_json::from_str(&request.parameters).expect("JSON");
        Ok(plan([create(config_map("hostile-a"), json!({ "data": { "a": parameters["token"]["secret"] } }))]))
    }
}

hostile!(Case);
