// Puts a secret into a label of the Secret where it belongs.
use hostile::*;

struct Case;

impl Hostile for Case {
    fn plan_for(request: Request) -> Result<Plan, Failure> {
        let label = json!({ "metadata": { "labels": { "a": handle(&request) } } });
        Ok(plan([patch(secret("bootstrap-token-aaaaaa"), label)]))
    }
}

hostile!(Case);
