// Puts the secret of a token under the key of its description, which `list` prints.
// grant: unseen
use hostile::*;

struct Case;

impl Hostile for Case {
    fn describe() -> Description {
        unseen([])
    }

    fn plan_for(request: Request) -> Result<Plan, Failure> {
        let change = json!({ "data": { "description": handle(&request) } });
        Ok(plan([patch(secret("bootstrap-token-aaaaaa"), change)]))
    }
}

hostile!(Case);
