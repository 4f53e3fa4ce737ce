// Writes an object of a namespace without saying which.
#![no_main]
use hostile::*;

struct Case;

impl Hostile for Case {
    fn plan_for(_: Request) -> Result<Plan, Failure> {
        Ok(plan([create(object(config_maps(), None, "hostile-a"), json!({}))]))
    }
}

hostile!(Case);

// exit: 2
// error: the phase returned an invalid answer: resource `configmaps` is not valid: needs a namespace, because its objects are namespaced
