// Has a name with an escape sequence.
use hostile::*;

struct Case;

impl Hostile for Case {
    fn describe() -> Description {
        Description { id: "kubeadm\u{1b}[2J".to_owned(), ..description() }
    }
}

hostile!(Case);
