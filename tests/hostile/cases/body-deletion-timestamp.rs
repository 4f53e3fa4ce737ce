// A body that is already being deleted.
#![no_main]
use hostile::*;

struct Case;

impl Hostile for Case {
    fn plan_for(_: Request) -> Result<Plan, Failure> {
        Ok(plan([create(config_map("hostile-a"), json!({ "metadata": { "deletionTimestamp": "2020-01-01T00:00:00Z" } }))]))
    }
}

hostile!(Case);

// exit: 2
// error: the phase wants to do more than it is allowed to; nothing was sent
//   operation `create-hostile-a`: its body sets `metadata.deletionTimestamp`, which a phase may not set
