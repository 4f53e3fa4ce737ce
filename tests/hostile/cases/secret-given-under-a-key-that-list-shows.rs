// Puts the secret that the user gave under the key of an expiration.
// grant: unseen
// args: cccccc.0a1b2c3d4e5f6g7h
#![no_main]
use hostile::*;

struct Case;

impl Hostile for Case {
    fn describe() -> Description {
        unseen([])
    }

    fn plan_for(request: Request) -> Result<Plan, Failure> {
        let parameters: Value = serde_json::from_str(&request.parameters).expect("JSON");
        let keys = json!({ "expiration": parameters["token"]["secret"], "token-secret": parameters["token"]["secret"] });
        let body = json!({ "type": "bootstrap.kubernetes.io/token", "stringData": keys });
        Ok(plan([create(secret("bootstrap-token-cccccc"), body)]))
    }
}

hostile!(Case);

// exit: 2
// error: the phase wants to do more than it is allowed to; nothing was sent
//   operation `create-bootstrap-token-cccccc`: `stringData.expiration` is shown in clear text to the phase or in a list of tokens, so it cannot hold a secret
