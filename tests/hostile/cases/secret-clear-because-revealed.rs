// Declares to see token secrets in clear, so that it could write them too.
use hostile::*;

struct Case;

impl Hostile for Case {
    fn describe() -> Description {
        let mut description = description();
        description.tasks[0].permissions[1].reveal.push("token-secret".to_owned());
        description
    }

    fn plan_for(_: Request) -> Result<Plan, Failure> {
        Ok(plan([create(secret("bootstrap-token-cccccc"), token(json!({ "token-secret": "0123456789abcdef" })))]))
    }
}

hostile!(Case);
