// A body that is a JSON text.
use hostile::*;

struct Case;

impl Hostile for Case {
    fn plan_for(_: Request) -> Result<Plan, Failure> {
        Ok(plan([create_as(config_map("hostile-a"), "\"ConfigMap\"")]))
    }
}

hostile!(Case);
