// Waits for an id with escape sequences, backwards text and line ends.
#![no_main]
use hostile::*;

struct Case;

impl Hostile for Case {
    fn plan_for(_: Request) -> Result<Plan, Failure> {
        Ok(plan([after(
            ["a\u{1b}[2J\u{9b}31m\u{202e}b\0\r\nerror: c\u{200b}\u{7f}"],
            create(config_map("hostile-a"), json!({})),
        )]))
    }
}

hostile!(Case);

// exit: 2
// error: the phase returned an invalid answer: an operation id must be 1 to 300 visible characters
