// A body that is not JSON.
use hostile::*;

struct Case;

impl Hostile for Case {
    fn plan_for(_: Request) -> Result<Plan, Failure> {
        Ok(plan([create_as(config_map("hostile-a"), "apiVersion: v1\nkind: ConfigMap\n")]))
    }
}

hostile!(Case);
