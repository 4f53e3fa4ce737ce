// Revokes a binding by giving it to everybody.
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
        let everybody = json!({ "apiGroup": "rbac.authorization.k8s.io", "kind": "Group", "name": "system:anonymous" });
        Ok(plan([patch(viewers(), json!({ "subjects": [everybody] }))]))
    }
}

hostile!(Case);
