// Has a secret in the text of a line for the terminal.
#![no_main]
use hostile::*;

struct Case;

impl Hostile for Case {
    fn plan_for(request: Request) -> Result<Plan, Failure> {
        Ok(output([Part::Text(handle(&request).to_string())]))
    }
}

hostile!(Case);

// exit: 2
// error: the phase wants to do more than it is allowed to; nothing was sent
//   output `line`: a secret is only allowed in the data of a Secret, not in text
