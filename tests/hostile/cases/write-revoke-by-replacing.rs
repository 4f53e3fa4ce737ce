// Revokes a binding by replacing it as a whole.
// grant: revoke
#![no_main]
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

// exit: 2
// error: the phase wants to do more than it is allowed to; nothing was sent
//   operation `patch-hostile-viewers`: clusterrolebinding.rbac.authorization.k8s.io/hostile-viewers may only be revoked: deleted, or reduced to some of the subjects that were observed
