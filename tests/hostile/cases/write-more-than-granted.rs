// Writes what it declared, of which less was granted.
// grant: narrow
use hostile::*;

struct Case;

impl Hostile for Case {
    fn need(_: Request) -> Result<Needs, Failure> {
        Ok(reads([config_map("hostile-present")]))
    }

    fn plan_for(_: Request) -> Result<Plan, Failure> {
        Ok(plan([create(config_map("hostile-a"), json!({})), patch(config_map("hostile-present"), json!({ "data": null }))]))
    }
}

hostile!(Case);
