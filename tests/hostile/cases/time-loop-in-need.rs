// Never ends when it is asked what it needs.
use hostile::*;

struct Case;

impl Hostile for Case {
    fn need(_: Request) -> Result<Needs, Failure> {
        loop {}
    }
}

hostile!(Case);
