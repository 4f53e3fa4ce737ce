// Finds escape sequences, backwards text and line ends.
// harmless: all of it is visible
#![no_main]
use hostile::*;

struct Case;

impl Hostile for Case {
    fn plan_for(_: Request) -> Result<Plan, Failure> {
        Ok(finding(
            "a\u{1b}[2J\u{9b}31m\u{202e}b\0\r\nerror: c\u{200b}\u{7f}",
            "a\u{1b}[2J\u{9b}31m\u{202e}b\0\r\nerror: c\u{200b}\u{7f}",
        ))
    }
}

hostile!(Case);

// exit: 0
// the folder `DIR`: no cluster is changed
// warning: a\u{1b}[2J\u{9b}31m\u{202e}b\u{0}\u{d}\u{a}error: c\u{200b}\u{7f}
// the folder `DIR`: no cluster is changed
