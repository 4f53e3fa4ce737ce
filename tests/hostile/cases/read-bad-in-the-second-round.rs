// Reads what it may first, and then what it may not.
#![no_main]
use hostile::*;

struct Case;

impl Hostile for Case {
    fn need(request: Request) -> Result<Needs, Failure> {
        Ok(if request.observed.is_empty() { needs() } else { reads([secret("opaque")]) })
    }
}

hostile!(Case);

// exit: 2
// error: the phase wants to do more than it is allowed to; nothing was sent
//   read secrets (Secret) in kube-system named `opaque`: the phase does not declare it
