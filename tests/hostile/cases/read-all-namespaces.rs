// Lists the Secrets of all namespaces.
#![no_main]
use hostile::*;

struct Case;

impl Hostile for Case {
    fn need(_: Request) -> Result<Needs, Failure> {
        Ok(lists(secrets(), None, ""))
    }
}

hostile!(Case);

// exit: 2
// error: the phase wants to do more than it is allowed to; nothing was sent
//   read secrets (Secret) in all namespaces: the phase does not declare it
