// Finds problems with escape sequences, backwards text and line ends.
#![no_main]
use hostile::*;

struct Case;

impl Hostile for Case {
    fn need(_: Request) -> Result<Needs, Failure> {
        let problem = || Problem {
            path: "a\u{1b}[2J\u{9b}31m\u{202e}b\0\r\nerror: c\u{200b}\u{7f}".to_owned(),
            message: "a\u{1b}[2J\u{9b}31m\u{202e}b\0\r\nerror: c\u{200b}\u{7f}".to_owned(),
        };
        Err(Failure::InvalidInput(vec![problem(), problem()]))
    }
}

hostile!(Case);

// exit: 2
// error: the request has 2 problems; nothing was sent
//   a\u{1b}[2J\u{9b}31m\u{202e}b\u{0}\u{d}\u{a}error: c\u{200b}\u{7f}: a\u{1b}[2J\u{9b}31m\u{202e}b\u{0}\u{d}\u{a}error: c\u{200b}\u{7f}
//   a\u{1b}[2J\u{9b}31m\u{202e}b\u{0}\u{d}\u{a}error: c\u{200b}\u{7f}: a\u{1b}[2J\u{9b}31m\u{202e}b\u{0}\u{d}\u{a}error: c\u{200b}\u{7f}
