// Revokes a binding by making one of its users a group.
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
        let somebody = json!({ "apiGroup": "rbac.authorization.k8s.io", "kind": "Group", "name": "hostile:somebody" });
        Ok(plan([patch(viewers(), json!({ "subjects": [somebody] }))]))
    }
}

hostile!(Case);

// exit: 2
// error: the phase wants to do more than it is allowed to; nothing was sent
//   operation `patch-hostile-viewers`: clusterrolebinding.rbac.authorization.k8s.io/hostile-viewers may only be revoked: deleted, or reduced to some of the subjects that were observed
