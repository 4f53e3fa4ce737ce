// Takes subjects out of a binding, as it declared; nobody granted it.
// grant: see-bindings
use hostile::*;

struct Case;

impl Hostile for Case {
    fn describe() -> Description {
        described([revoking()])
    }

    fn need(_: Request) -> Result<Needs, Failure> {
        Ok(reads([viewers()]))
    }

    fn plan_for(_: Request) -> Result<Plan, Failure> {
        Ok(plan([patch(viewers(), json!({ "subjects": [] }))]))
    }
}

hostile!(Case);
