// Puts a secret under a key of a megabyte.
use hostile::*;

struct Case;

impl Hostile for Case {
    fn plan_for(request: Request) -> Result<Plan, Failure> {
        Ok(plan([create(config_map("hostile-a"), json!({ "data": { ("a".repeat(1_000_000)): handle(&request) } }))]))
    }
}

hostile!(Case);
