// Says a join command with the secret in a flag that nobody masks.
// args: abcdef.0123456789abcdef --skip-token-print
use hostile::*;

struct Case;

impl Hostile for Case {
    fn plan_for(request: Request) -> Result<Plan, Failure> {
        Ok(line("join-command", "kubeadm join a.example:6443 --token abcdef.{} --node-name {}", &request))
    }
}

hostile!(Case);
