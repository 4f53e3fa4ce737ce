// Declares to see token secrets in clear, which nobody granted, and says what it sees.
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
