// Can be asked for another task only, whose name looks the same.
#![no_main]
use hostile::*;

struct Case;

impl Hostile for Case {
    fn describe() -> Description {
        let task = description().tasks.remove(0);
        Description { tasks: vec![Task { name: "apply\u{200b}".to_owned(), ..task }], ..description() }
    }
}

hostile!(Case);

// exit: 2
// error: the phase returned an invalid answer: task `apply\u{200b}` is not valid: must be 1 to 100 lower case letters, digits, dots and dashes
