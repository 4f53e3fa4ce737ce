// Deletes a custom resource by another kind than it has, without reading it.
// grant: custom
#![no_main]
use hostile::*;

struct Case;

impl Hostile for Case {
    fn describe() -> Description {
        let of = resource("hostile.example", "v1", "gadgets", "Thing");
        described([permission(vec![Access::Read, Access::Delete], of, Some("kube-public"), "hostile-*")])
    }

    fn need(_: Request) -> Result<Needs, Failure> {
        Ok(Needs { reads: Vec::new(), random: Vec::new() })
    }

    fn plan_for(_: Request) -> Result<Plan, Failure> {
        let of = resource("hostile.example", "v1", "gadgets", "Thing");
        Ok(plan([operation("delete", object(of, Some("kube-public"), "hostile-a"), Action::Delete, Precondition::Any)]))
    }
}

hostile!(Case);

// exit: 2
// error: the phase wants to do more than it is allowed to; nothing was sent
//   operation `delete`: it depends on an object that was not read
