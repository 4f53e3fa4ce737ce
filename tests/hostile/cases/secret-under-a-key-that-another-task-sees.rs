// Puts the secret of a token under a key that another task is shown in clear.
// grant: unseen
use hostile::*;

struct Case;

impl Hostile for Case {
    fn describe() -> Description {
        unseen(["note"])
    }

    fn plan_for(request: Request) -> Result<Plan, Failure> {
        let change = json!({ "data": { "note": handle(&request) } });
        Ok(plan([patch(secret("bootstrap-token-bbbbbb"), change)]))
    }
}

hostile!(Case);
