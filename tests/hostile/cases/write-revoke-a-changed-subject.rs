// Revokes a binding by making one of its users a group.
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
        let somebody = json!({ "apiGroup": "rbac.authorization.k8s.io", "kind": "Group", "name": "hostile:somebody" });
        Ok(plan([patch(viewers(), json!({ "subjects": [somebody] }))]))
    }
}

hostile!(Case);
