// Nothing: the phase that all others are made of is applied, so that a refusal of another case has the case's own reason.
// harmless: that is the point
#![no_main]
use hostile::*;

struct Case;

impl Hostile for Case {}

hostile!(Case);

// exit: 0
// configmap/hostile-new created
// the folder `DIR`: no cluster is changed
// the folder `DIR`: no cluster is changed
// undo with: kubectl bootstrap-token apply --plan HOME/.local/state/kubectl-bootstrap-token/undo/20300101T000000Z-PLACE-d83bea10256a.json --against dir:DIR --phase PHASE --grant HERE/grants/wide.yaml
// written: kube-public.configmap.hostile-new.yaml
