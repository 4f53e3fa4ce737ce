// Declares a rule whose id means something to a terminal.
#![no_main]
use hostile::*;

struct Case;

impl Hostile for Case {
    fn describe() -> Description {
        let rule = Rule {
            id: "broken\u{1b}[2J".to_owned(),
            severity: Severity::Low,
            title: "a rule".to_owned(),
            description: "it is broken".to_owned(),
            references: Vec::new(),
        };
        Description { rules: vec![rule], ..description() }
    }
}

hostile!(Case);

// exit: 2
// error: the phase returned an invalid answer: an empty name, or one with characters other than visible ASCII
