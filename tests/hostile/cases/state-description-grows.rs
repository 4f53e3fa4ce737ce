// Declares more each time that it is asked.
#![no_main]
use hostile::*;
use std::sync::atomic::{AtomicU32, Ordering};

static CALLS: AtomicU32 = AtomicU32::new(0);

struct Case;

impl Hostile for Case {
    fn describe() -> Description {
        let more = permission(vec![Access::Read], secrets(), Some("kube-system"), "opaque");
        if CALLS.fetch_add(1, Ordering::Relaxed) == 0 { description() } else { described([more]) }
    }

    fn need(_: Request) -> Result<Needs, Failure> {
        Self::describe();
        Ok(reads([secret("opaque")]))
    }
}

hostile!(Case);

// exit: 2
// error: the phase wants to do more than it is allowed to; nothing was sent
//   read secrets (Secret) in kube-system named `opaque`: the phase does not declare it
