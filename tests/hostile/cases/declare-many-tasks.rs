// Declares ten thousand tasks.
use hostile::*;

struct Case;

impl Hostile for Case {
    fn describe() -> Description {
        let task = description().tasks.remove(0);
        Description { tasks: (0..10_000).map(|i| Task { name: format!("t{i}"), ..task.clone() }).collect(), ..description() }
    }
}

hostile!(Case);
