// Writes a declared kind by another version.
use hostile::*;

struct Case;

impl Hostile for Case {
    fn plan_for(_: Request) -> Result<Plan, Failure> {
        let of = resource("", "v2", "configmaps", "ConfigMap");
        Ok(plan([create(object(of, Some("kube-public"), "hostile-a"), json!({}))]))
    }
}

hostile!(Case);
