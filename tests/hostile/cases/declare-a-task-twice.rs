// Declares a task twice, the second time with more permissions.
#![no_main]
use hostile::*;

struct Case;

impl Hostile for Case {
    fn describe() -> Description {
        let more = permission(vec![Access::Read], secrets(), Some("kube-system"), "opaque");
        let tasks = [description(), described([more])].map(|mut description| description.tasks.remove(0)).to_vec();
        Description { tasks, ..description() }
    }
}

hostile!(Case);

// exit: 2
// error: the phase returned an invalid answer: the name `apply` twice
