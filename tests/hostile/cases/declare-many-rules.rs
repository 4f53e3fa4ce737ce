// Declares more rules than anyone reads.
#![no_main]
use hostile::*;

struct Case;

impl Hostile for Case {
    fn describe() -> Description {
        let numbered = |number: usize| Rule { id: format!("broken-{number}"), ..rule() };
        Description { rules: (0..10_000).map(numbered).collect(), ..description() }
    }
}

hostile!(Case);

// exit: 2
// error: the phase returned an invalid answer: 10000 rules, the limit is 1000
