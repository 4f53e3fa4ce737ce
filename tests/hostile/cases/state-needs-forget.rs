// Does not want any more what it wanted before.
// harmless: what was asked for is known
#![no_main]
use hostile::*;

struct Case;

impl Hostile for Case {
    fn need(request: Request) -> Result<Needs, Failure> {
        Ok(if request.observed.is_empty() { needs() } else { reads([]) })
    }
}

hostile!(Case);

// exit: 0
// configmap/hostile-new created
// the folder `DIR`: no cluster is changed
// the folder `DIR`: no cluster is changed
// undo with: kubectl bootstrap-token apply --plan HOME/.local/state/kubectl-bootstrap-token/undo/20300101T000000Z-PLACE-d83bea10256a.json --against dir:DIR --phase PHASE --grant HERE/grants/wide.yaml
// written: kube-public.configmap.hostile-new.yaml
