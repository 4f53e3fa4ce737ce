// Finds a hundred thousand problems with the input.
use hostile::*;

struct Case;

impl Hostile for Case {
    fn need(_: Request) -> Result<Needs, Failure> {
        let problem = |i: u32| Problem { path: format!("field[{i}]"), message: "is wrong".to_owned() };
        Err(Failure::InvalidInput((0..100_000).map(problem).collect()))
    }
}

hostile!(Case);
