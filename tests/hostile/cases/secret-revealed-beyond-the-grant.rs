// Declares to see token secrets in clear, which nobody granted, and says what it sees.
#![no_main]
use hostile::*;

struct Case;

impl Hostile for Case {
    fn describe() -> Description {
        let mut description = description();
        description.tasks[0].permissions[1].reveal.push("token-secret".to_owned());
        description
    }

    fn plan_for(request: Request) -> Result<Plan, Failure> {
        Ok(note(observed(&request, "bootstrap-token-aaaaaa")))
    }
}

hostile!(Case);

// exit: 2
// error: the phase wants to do more than it is allowed to; nothing was sent
//   note: a secret is only allowed in the data of a Secret, not in text
