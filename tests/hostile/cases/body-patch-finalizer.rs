// A patch by which nobody can delete a token any more.
use hostile::*;

struct Case;

impl Hostile for Case {
    fn plan_for(_: Request) -> Result<Plan, Failure> {
        Ok(plan([patch(secret("bootstrap-token-aaaaaa"), json!({ "metadata": { "finalizers": ["example.com/never"] } }))]))
    }
}

hostile!(Case);
