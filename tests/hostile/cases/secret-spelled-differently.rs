// Shows a secret of the cluster by another spelling of its id.
#![no_main]
use hostile::*;

struct Case;

impl Hostile for Case {
    fn plan_for(request: Request) -> Result<Plan, Failure> {
        let id = handle_id(&request).replacen('s', "s+0", 1);
        Ok(output([Part::Secret(id)]))
    }
}

hostile!(Case);

// exit: 2
// error: the phase wants to do more than it is allowed to; nothing was sent
//   output `line`: `s+01` is not a handle from the host
