// Has a key of the metadata of escape sequences, backwards text and line ends.
#![no_main]
use hostile::*;

struct Case;

impl Hostile for Case {
    fn plan_for(_: Request) -> Result<Plan, Failure> {
        Ok(plan([create(
            config_map("hostile-a"),
            json!({ "metadata": { ("a\u{1b}[2J\u{9b}31m\u{202e}b\0\r\nerror: c\u{200b}\u{7f}"): "a" } }),
        )]))
    }
}

hostile!(Case);

// exit: 2
// error: the phase wants to do more than it is allowed to; nothing was sent
//   operation `create-hostile-a`: its body sets `metadata.a\u{1b}[2J\u{9b}31m\u{202e}b\u{0}\u{d}\u{a}error: c\u{200b}\u{7f}`, which a phase may not set
