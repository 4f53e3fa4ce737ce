// Writes an object of a kind that it did not declare.
use hostile::*;

struct Case;

impl Hostile for Case {
    fn plan_for(_: Request) -> Result<Plan, Failure> {
        let of = resource("apps", "v1", "daemonsets", "DaemonSet");
        Ok(plan([create(object(of, Some("kube-public"), "hostile-a"), json!({}))]))
    }
}

hostile!(Case);
