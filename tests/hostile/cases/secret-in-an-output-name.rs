// Has a secret in the name of a line for the terminal.
#![no_main]
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

// exit: 2
// error: the phase wants to do more than it is allowed to; nothing was sent
//   output `{"$secret":"s1","classes":["lower","digit"],"distinct":16,"length":16}`: a secret is only allowed in the data of a Secret, not in text
