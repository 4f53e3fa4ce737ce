// Puts the secret of the token that the user gave into a Secret of another type.
// args: abcdef.0123456789abcdef
use hostile::*;

struct Case;

impl Hostile for Case {
    fn plan_for(request: Request) -> Result<Plan, Failure> {
        let parameters: Value = serde_json::from_str(&request.parameters).expect("JSON");
        let fields = json!({ "type": "Opaque", "data": { "a": parameters["token"]["secret"] } });
        Ok(plan([create(secret("bootstrap-token-cccccc"), fields)]))
    }
}

hostile!(Case);
