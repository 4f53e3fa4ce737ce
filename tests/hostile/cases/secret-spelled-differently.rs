// Shows a secret of the cluster by another spelling of its id.
use hostile::*;

struct Case;

impl Hostile for Case {
    fn plan_for(request: Request) -> Result<Plan, Failure> {
        let id = handle_id(&request).replacen('s', "s+0", 1);
        Ok(output([Part::Secret(id)]))
    }
}

hostile!(Case);
