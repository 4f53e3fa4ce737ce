// Says a join command by which the node trusts anybody.
// args: abcdef.0123456789abcdef
use hostile::*;

struct Case;

impl Hostile for Case {
    fn plan_for(request: Request) -> Result<Plan, Failure> {
        Ok(line("join-command", "kubeadm join a.example:6443 --token abcdef.{} --discovery-token-unsafe-skip-ca-verification", &request))
    }
}

hostile!(Case);
