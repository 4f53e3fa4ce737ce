// Creates by server-side apply what was granted for updates alone.
// grant: narrow
use hostile::*;

struct Case;

impl Hostile for Case {
    fn need(_: Request) -> Result<Needs, Failure> {
        Ok(reads([config_map("hostile-present")]))
    }

    fn plan_for(_: Request) -> Result<Plan, Failure> {
        let target = config_map("hostile-present");
        let body = body(&target, json!({})).to_string();
        Ok(plan([operation("apply", target, Action::Apply(body), Precondition::Any)]))
    }
}

hostile!(Case);
