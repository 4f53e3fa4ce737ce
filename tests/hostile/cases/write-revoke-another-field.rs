// Revokes a binding, and changes something else in it.
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
        Ok(plan([patch(viewers(), json!({ "subjects": [], "metadata": { "labels": { "a": "b" } } }))]))
    }
}

hostile!(Case);

// exit: 2
// error: the phase wants to do more than it is allowed to; nothing was sent
//   operation `patch-hostile-viewers`: clusterrolebinding.rbac.authorization.k8s.io/hostile-viewers may only be revoked: deleted, or reduced to some of the subjects that were observed
