// Has escape sequences, backwards text and line ends where the JSON of a body is wrong.
use hostile::*;

struct Case;

impl Hostile for Case {
    fn plan_for(_: Request) -> Result<Plan, Failure> {
        Ok(plan([create_as(config_map("hostile-a"), "{\"a\u{1b}[2J\": \u{202e}}")]))
    }
}

hostile!(Case);
