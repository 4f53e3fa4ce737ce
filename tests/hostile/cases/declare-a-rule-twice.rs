// Declares a rule twice.
#![no_main]
use hostile::*;

struct Case;

impl Hostile for Case {
    fn describe() -> Description {
        let rule = Rule {
            id: "broken".to_owned(),
            severity: Severity::Low,
            title: "a rule".to_owned(),
            description: "it is broken".to_owned(),
            references: Vec::new(),
        };
        Description { rules: vec![rule.clone(), rule], ..description() }
    }
}

hostile!(Case);

// exit: 2
// error: the phase returned an invalid answer: the name `broken` twice
