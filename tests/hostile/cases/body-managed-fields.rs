// A body that says who owns its fields.
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
