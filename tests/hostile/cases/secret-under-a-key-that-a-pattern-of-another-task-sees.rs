// Puts the secret of a token under a key that a pattern of another task matches.
// grant: unseen
use hostile::*;

struct Case;

impl Hostile for Case {
    fn describe() -> Description {
        unseen(["x-*"])
    }

    fn plan_for(request: Request) -> Result<Plan, Failure> {
        let change = json!({ "stringData": { "x-note": handle(&request) } });
        Ok(plan([patch(secret("bootstrap-token-bbbbbb"), change)]))
    }
}

hostile!(Case);
