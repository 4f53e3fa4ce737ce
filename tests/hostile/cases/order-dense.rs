// Ten thousand operations, each of which waits for fifty others, and one is not allowed.
// args:
#![no_main]
use hostile::*;

struct Case;

impl Hostile for Case {
    fn plan_for(_: Request) -> Result<Plan, Failure> {
        let one = |i: u32| {
            let after = (0..i.min(50)).map(|before| before.to_string()).collect();
            let operation = operation(&i.to_string(), config_map(&format!("hostile-{i}")), Action::Delete, Precondition::Any);
            Operation { after, ..operation }
        };
        Ok(plan((0..9_999).map(one).chain([operation("bad", config_map("bad"), Action::Delete, Precondition::Any)])))
    }
}

hostile!(Case);

// exit: 2
// error: the phase wants to do more than it is allowed to; nothing was sent
//   delete configmaps (ConfigMap) in kube-public named `bad`: the phase does not declare it
