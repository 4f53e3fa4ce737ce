// Hides one read that is not allowed among those that are.
#![no_main]
use hostile::*;

struct Case;

impl Hostile for Case {
    fn need(_: Request) -> Result<Needs, Failure> {
        let mut needs = needs();
        needs.reads.extend(reads([secret("opaque")]).reads);
        Ok(needs)
    }
}

hostile!(Case);

// exit: 2
// error: the phase wants to do more than it is allowed to; nothing was sent
//   read secrets (Secret) in kube-system named `opaque`: the phase does not declare it
