// Has escape sequences, backwards text and line ends where the JSON of a body is wrong.
#![no_main]
use hostile::*;

struct Case;

impl Hostile for Case {
    fn plan_for(_: Request) -> Result<Plan, Failure> {
        Ok(plan([create_as(config_map("hostile-a"), "{\"a\u{1b}[2J\": \u{202e}}")]))
    }
}

hostile!(Case);

// exit: 2
// error: the phase returned an invalid answer: a body that is not a JSON object: control character (\u0000-\u001F) found while parsing a string at line 1 column 4
