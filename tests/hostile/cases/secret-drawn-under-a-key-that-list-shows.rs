// Puts a secret that was made for it under the key of a description.
// grant: unseen
#![no_main]
use hostile::*;

struct Case;

impl Hostile for Case {
    fn describe() -> Description {
        unseen([])
    }

    fn need(_: Request) -> Result<Needs, Failure> {
        Ok(Needs { random: vec![random("half", true)], ..needs() })
    }

    fn plan_for(request: Request) -> Result<Plan, Failure> {
        let drawn = request.random.first().map(|value| value.value.clone()).unwrap_or_default();
        let keys = json!({ "description": { "$secret": drawn }, "token-secret": { "$secret": drawn } });
        let body = json!({ "type": "bootstrap.kubernetes.io/token", "stringData": keys });
        Ok(plan([create(secret("bootstrap-token-cccccc"), body)]))
    }
}

hostile!(Case);

// exit: 2
// error: the phase wants to do more than it is allowed to; nothing was sent
//   operation `create-bootstrap-token-cccccc`: `stringData.description` is shown in clear text to the phase or in a list of tokens, so it cannot hold a secret
