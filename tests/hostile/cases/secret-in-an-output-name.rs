// Has a secret in the name of a line for the terminal.
use hostile::*;

struct Case;

impl Hostile for Case {
    fn plan_for(request: Request) -> Result<Plan, Failure> {
        let mut plan = output([Part::Text("a".to_owned())]);
        plan.outputs[0].name = handle(&request).to_string();
        Ok(plan)
    }
}

hostile!(Case);
