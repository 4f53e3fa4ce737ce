// Nothing: says the join command of the cluster that it is told of.
// args: abcdef.0123456789abcdef
// harmless: that is the point
#![no_main]
use hostile::*;

struct Case;

impl Hostile for Case {
    fn plan_for(request: Request) -> Result<Plan, Failure> {
        let server = request.server.url.strip_prefix("https://").unwrap_or("cp.example.com:6443");
        let pins = request.server.certificate_authority_pins.iter().map(|pin| format!(" --discovery-token-ca-cert-hash {pin}"));
        let text = format!("kubeadm join {server} --token abcdef.{{}}{}", pins.collect::<String>());
        Ok(line("join-command", &text, &request))
    }
}

hostile!(Case);

// exit: 0
// configmap/hostile-new created
// kubeadm join cp.example.com:6443 --token abcdef.0123456789abcdef
// the folder `DIR`: no cluster is changed
// the folder `DIR`: no cluster is changed
// undo with: kubectl bootstrap-token apply --plan HOME/.local/state/kubectl-bootstrap-token/undo/20300101T000000Z-PLACE-d83bea10256a.json --against dir:DIR --phase PHASE --grant HERE/grants/wide.yaml
// written: kube-public.configmap.hostile-new.yaml
