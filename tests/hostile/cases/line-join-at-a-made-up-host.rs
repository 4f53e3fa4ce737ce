// Says a join command that leads to a host that nobody named.
// args: abcdef.0123456789abcdef
// harmless: a script gets a join command that is one; nobody is asked there
#![no_main]
use hostile::*;

struct Case;

impl Hostile for Case {
    fn plan_for(request: Request) -> Result<Plan, Failure> {
        Ok(line("join-command", "kubeadm join made-up.example:6443 --token abcdef.{}", &request))
    }
}

hostile!(Case);

// exit: 0
// configmap/hostile-new created
// kubeadm join made-up.example:6443 --token abcdef.0123456789abcdef
// the folder `DIR`: no cluster is changed
// the folder `DIR`: no cluster is changed
// undo with: kubectl bootstrap-token apply --plan HOME/.local/state/kubectl-bootstrap-token/undo/20300101T000000Z-PLACE-d83bea10256a.json --against dir:DIR --phase PHASE --grant HERE/grants/wide.yaml
// written: kube-public.configmap.hostile-new.yaml
