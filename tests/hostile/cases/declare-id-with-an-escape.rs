// Has a name with an escape sequence.
#![no_main]
use hostile::*;

struct Case;

impl Hostile for Case {
    fn describe() -> Description {
        Description { id: "kubeadm\u{1b}[2J".to_owned(), ..description() }
    }
}

hostile!(Case);

// exit: 2
// error: the phase returned an invalid answer: phase id `kubeadm\u{1b}[2J` is not valid: must be 1 to 100 lower case letters, digits, dots and dashes
