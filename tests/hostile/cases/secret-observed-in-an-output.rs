// Shows a secret of the cluster at the terminal.
#![no_main]
use hostile::*;

struct Case;

impl Hostile for Case {
    fn plan_for(request: Request) -> Result<Plan, Failure> {
        Ok(output([Part::Secret(handle_id(&request))]))
    }
}

hostile!(Case);

// exit: 2
// error: the phase wants to do what it is not allowed to; nothing was sent
//   output `line`: it shows a secret that is in the cluster; only those that were given or made in this run may be shown
