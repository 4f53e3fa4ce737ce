// Never ends, before it has said who it is.
use hostile::*;

struct Case;

impl Hostile for Case {
    fn describe() -> Description {
        loop {}
    }
}

hostile!(Case);
