// Has a schema of parameters of ten megabytes.
use hostile::*;

struct Case;

impl Hostile for Case {
    fn describe() -> Description {
        let task = description().tasks.remove(0);
        Description { tasks: vec![Task { parameters: "a".repeat(10_000_000), ..task }], ..description() }
    }
}

hostile!(Case);
