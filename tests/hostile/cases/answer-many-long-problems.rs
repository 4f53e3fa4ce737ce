// Finds twenty problems with 16,000 characters each.
use hostile::*;

struct Case;

impl Hostile for Case {
    fn need(_: Request) -> Result<Needs, Failure> {
        let problem = Problem { path: "a".repeat(8_000), message: "b".repeat(8_000) };
        Err(Failure::InvalidInput(vec![problem; 20]))
    }
}

hostile!(Case);
