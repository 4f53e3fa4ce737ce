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
// error: the phase wants to do more than it is allowed to; nothing was sent
//   output `line`: it shows a secret of the cluster; only secrets given or generated in this run may be shown
