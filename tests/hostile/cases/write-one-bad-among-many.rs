// Hides one write that is not allowed among a hundred that are.
#![no_main]
use hostile::*;

struct Case;

impl Hostile for Case {
    fn plan_for(_: Request) -> Result<Plan, Failure> {
        let name = |i: u32| if i == 77 { "cluster-info".to_owned() } else { format!("hostile-{i}") };
        Ok(plan((0..100).map(|i| create(config_map(&name(i)), json!({})))))
    }
}

hostile!(Case);

// exit: 2
// error: the phase wants to do more than it is allowed to; nothing was sent
//   create configmaps (ConfigMap) in kube-public named `cluster-info`: the phase does not declare it
