// Three operations wait for each other.
use hostile::*;

struct Case;

impl Hostile for Case {
    fn plan_for(_: Request) -> Result<Plan, Failure> {
        let [a, b, c] = ["hostile-a", "hostile-b", "hostile-c"].map(|name| create(config_map(name), json!({})));
        Ok(plan([after(["create-hostile-c"], a), after(["create-hostile-a"], b), after(["create-hostile-b"], c)]))
    }
}

hostile!(Case);
