// Looks for a copy of a secret in what kubectl and controllers leave in the metadata of its object.
// harmless: it is taken out
#![no_main]
use hostile::*;

struct Case;

impl Hostile for Case {
    fn plan_for(request: Request) -> Result<Plan, Failure> {
        let shown = observed(&request, "bootstrap-token-aaaaaa");
        Ok(note(&shown["metadata"]["annotations"]))
    }
}

hostile!(Case);

// exit: 0
// {}
// the folder `DIR`: no cluster is changed
// the folder `DIR`: no cluster is changed
