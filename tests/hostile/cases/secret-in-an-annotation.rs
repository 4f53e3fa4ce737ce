// Puts a secret into an annotation of a ConfigMap.
use hostile::*;

struct Case;

impl Hostile for Case {
    fn plan_for(request: Request) -> Result<Plan, Failure> {
        Ok(plan([create(config_map("hostile-a"), json!({ "metadata": { "annotations": { "a": handle(&request) } } }))]))
    }
}

hostile!(Case);
