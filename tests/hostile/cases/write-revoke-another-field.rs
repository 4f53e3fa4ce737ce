// Revokes a binding, and changes something else in it.
// grant: revoke
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
        Ok(plan([patch(viewers(), json!({ "subjects": [], "metadata": { "labels": { "a": "b" } } }))]))
    }
}

hostile!(Case);
