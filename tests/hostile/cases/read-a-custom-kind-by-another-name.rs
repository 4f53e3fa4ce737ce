// Declares a custom resource by another kind than it has; only an API server that has it can tell.
// grant: custom
// harmless: a folder has nothing of that kind
#![no_main]
use hostile::*;

struct Case;

fn things() -> ApiResource {
    resource("hostile.example", "v1", "gadgets", "Thing")
}

impl Hostile for Case {
    fn describe() -> Description {
        described([permission(vec![Access::Read, Access::Delete], things(), Some("kube-public"), "hostile-*")])
    }

    fn need(_: Request) -> Result<Needs, Failure> {
        Ok(lists(things(), Some("kube-public"), ""))
    }

    fn plan_for(request: Request) -> Result<Plan, Failure> {
        Ok(note(request.observed.iter().map(|answer| answer.objects.len()).sum::<usize>()))
    }
}

hostile!(Case);

// exit: 0
// 0
// the folder `DIR`: no cluster is changed
// the folder `DIR`: no cluster is changed
