// Deletes a binding that it did not read, whatever it is by now.
// grant: revoke
use hostile::*;

struct Case;

impl Hostile for Case {
    fn describe() -> Description {
        described([revoking()])
    }

    fn need(_: Request) -> Result<Needs, Failure> {
        Ok(reads([config_map("hostile-present")]))
    }

    fn plan_for(_: Request) -> Result<Plan, Failure> {
        let delete = Operation { action: Action::Delete, when: Precondition::Any, ..patch(viewers(), json!({})) };
        Ok(plan([delete]))
    }
}

hostile!(Case);
