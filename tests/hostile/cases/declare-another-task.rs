// Can be asked for another task only, whose name looks the same.
use hostile::*;

struct Case;

impl Hostile for Case {
    fn describe() -> Description {
        let task = description().tasks.remove(0);
        Description { tasks: vec![Task { name: "apply\u{200b}".to_owned(), ..task }], ..description() }
    }
}

hostile!(Case);
