// Can be asked for nothing.
use hostile::*;

struct Case;

impl Hostile for Case {
    fn describe() -> Description {
        Description { tasks: Vec::new(), ..description() }
    }
}

hostile!(Case);
