// Declares a hundred thousand names.
#![no_main]
use hostile::*;

struct Case;

impl Hostile for Case {
    fn describe() -> Description {
        let one = permission(vec![Access::Read], secrets(), Some("kube-system"), "a");
        let names = (0..100_000).map(|i| format!("a{i}")).collect();
        described([Permission { names, ..one }])
    }
}

hostile!(Case);

// exit: 2
// error: the phase returned an invalid answer: 100000 names, the limit is 100
