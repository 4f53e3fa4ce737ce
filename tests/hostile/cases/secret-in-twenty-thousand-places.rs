// Puts a secret into twenty thousand values.
use hostile::*;

struct Case;

impl Hostile for Case {
    fn plan_for(request: Request) -> Result<Plan, Failure> {
        Ok(plan([create(config_map("hostile-a"), json!({ "data": vec![handle(&request); 20_000] }))]))
    }
}

hostile!(Case);
