// Declares ten thousand tasks.
#![no_main]
use hostile::*;

struct Case;

impl Hostile for Case {
    fn describe() -> Description {
        let task = description().tasks.remove(0);
        Description { tasks: (0..10_000).map(|i| Task { name: format!("t{i}"), ..task.clone() }).collect(), ..description() }
    }
}

hostile!(Case);

// exit: 2
// error: the phase returned an invalid answer: 10000 tasks, the limit is 100
