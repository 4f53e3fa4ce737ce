// Needs more memory to be compiled than it may have.
// args: --limit compile-memory=4Mi
#![no_main]
use hostile::*;

struct Case;

impl Hostile for Case {
    fn describe() -> Description {
        Description { summary: "compiled by nobody".to_owned(), ..description() }
    }
}

hostile!(Case);

// exit: 2
// error: compiling the phase took more than 4 MiB of memory
//   hint: allow more memory with --limit compile-memory=4Gi
