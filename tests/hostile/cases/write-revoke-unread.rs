// Deletes a binding that it did not read, whatever it is by now.
// grant: revoke
#![no_main]
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

// exit: 2
// error: the phase wants to do more than it is allowed to; nothing was sent
//   operation `patch-hostile-viewers`: clusterrolebinding.rbac.authorization.k8s.io/hostile-viewers may only be revoked: deleted, or reduced to some of the subjects that were observed
