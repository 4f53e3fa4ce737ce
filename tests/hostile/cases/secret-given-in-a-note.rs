// Says the secret that the user gave.
// args: abcdef.0123456789abcdef
#![no_main]
use hostile::*;

struct Case;

impl Hostile for Case {
    fn plan_for(request: Request) -> Result<Plan, Failure> {
        Ok(note(request.parameters))
    }
}

hostile!(Case);

// exit: 2
// error: the phase wants to do more than it is allowed to; nothing was sent
//   note: a secret is only allowed in the data of a Secret, not in text
