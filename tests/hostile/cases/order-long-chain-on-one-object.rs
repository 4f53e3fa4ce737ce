// Ten thousand operations on one object wait for each other in a line, and one is not allowed.
// args:
#![no_main]
use hostile::*;

struct Case;

impl Hostile for Case {
    fn plan_for(_: Request) -> Result<Plan, Failure> {
        let one = |i: u32| {
            let there = operation(&i.to_string(), config_map("hostile-present"), Action::Delete, Precondition::Any);
            if i == 0 { there } else { after([(i - 1).to_string().as_str()], there) }
        };
        Ok(plan((0..9_999).map(one).chain([operation("bad", config_map("bad"), Action::Delete, Precondition::Any)])))
    }
}

hostile!(Case);

// exit: 2
// error: the phase wants to do more than it is allowed to; nothing was sent
//   delete configmaps (ConfigMap) in kube-public named `bad`: the phase does not declare it
