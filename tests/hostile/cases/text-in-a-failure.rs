// Fails with escape sequences, backwards text and line ends.
#![no_main]
use hostile::*;

struct Case;

impl Hostile for Case {
    fn plan_for(_: Request) -> Result<Plan, Failure> {
        Err(Failure::Other("a\u{1b}[2J\u{9b}31m\u{202e}b\0\r\nerror: c\u{200b}\u{7f}".to_owned()))
    }
}

hostile!(Case);

// exit: 2
// error: the phase failed: a\u{1b}[2J\u{9b}31m\u{202e}b\u{0}\u{d}\u{a}error: c\u{200b}\u{7f}
