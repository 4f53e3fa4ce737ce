// A body that says who owns its fields.
#![no_main]
use hostile::*;

struct Case;

impl Hostile for Case {
    fn plan_for(_: Request) -> Result<Plan, Failure> {
        Ok(plan([create(
            config_map("hostile-a"),
            json!({ "metadata": { "managedFields": [{ "manager": "kubectl", "operation": "Apply" }] } }),
        )]))
    }
}

hostile!(Case);

// exit: 2
// error: the phase wants to do more than it is allowed to; nothing was sent
//   operation `create-hostile-a`: its body sets `metadata.managedFields`, which a phase may not set
