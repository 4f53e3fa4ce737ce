// Hides one write that is not allowed among a hundred that are.
use hostile::*;

struct Case;

impl Hostile for Case {
    fn plan_for(_: Request) -> Result<Plan, Failure> {
        let name = |i: u32| if i == 77 { "cluster-info".to_owned() } else { format!("hostile-{i}") };
        Ok(plan((0..100).map(|i| create(config_map(&name(i)), json!({})))))
    }
}

hostile!(Case);
