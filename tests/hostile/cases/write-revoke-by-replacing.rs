// Revokes a binding by replacing it as a whole.
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
        let body = json!({ "roleRef": { "apiGroup": "rbac.authorization.k8s.io", "kind": "ClusterRole", "name": "view" } }).to_string();
        Ok(plan([Operation { action: Action::Replace(body), ..patch(viewers(), json!({})) }]))
    }
}

hostile!(Case);
