// Puts the secret that the user gave into a ConfigMap.
// args: abcdef.0123456789abcdef
#![no_main]
use hostile::*;

struct Case;

impl Hostile for Case {
    fn plan_for(request: Request) -> Result<Plan, Failure> {
        let parameters: Value = serde_json::from_str(&request.parameters).expect("JSON");
        Ok(plan([create(config_map("hostile-a"), json!({ "data": { "a": parameters["token"]["secret"] } }))]))
    }
}

hostile!(Case);

// exit: 2
// error: the phase wants to do more than it is allowed to; nothing was sent
//   operation `create-hostile-a`: a secret is only allowed in the data of a Secret, not in `data.a`
