// Writes an object whose name it did not declare.
use hostile::*;

struct Case;

impl Hostile for Case {
    fn plan_for(_: Request) -> Result<Plan, Failure> {
        Ok(plan([create(config_map("kubeadm-config"), json!({}))]))
    }
}

hostile!(Case);
