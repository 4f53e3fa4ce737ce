// Gives escape sequences, backwards text and line ends as a reason.
// args: --dry-run=client
// harmless: it is not shown
#![no_main]
use hostile::*;

struct Case;

impl Hostile for Case {
    fn plan_for(_: Request) -> Result<Plan, Failure> {
        Ok(plan([Operation {
            reason: "a\u{1b}[2J\u{9b}31m\u{202e}b\0\r\nerror: c\u{200b}\u{7f}".to_owned(),
            ..create(config_map("hostile-a"), json!({}))
        }]))
    }
}

hostile!(Case);

// exit: 0
// configmap/hostile-a created (dry run)
// dry run: nothing is written
// dry run: nothing is written
