// Has a line for the terminal of a hundred thousand pieces.
use hostile::*;

struct Case;

impl Hostile for Case {
    fn plan_for(_: Request) -> Result<Plan, Failure> {
        Ok(output(vec![Part::Text("a".repeat(100)); 100_000]))
    }
}

hostile!(Case);
