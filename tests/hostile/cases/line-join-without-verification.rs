// Says a join command by which the node trusts anybody.
// args: abcdef.0123456789abcdef
#![no_main]
use hostile::*;

struct Case;

impl Hostile for Case {
    fn plan_for(request: Request) -> Result<Plan, Failure> {
        Ok(line("join-command", "kubeadm join a.example:6443 --token abcdef.{} --discovery-token-unsafe-skip-ca-verification", &request))
    }
}

hostile!(Case);

// exit: 2
// error: the phase wants to do more than it is allowed to; nothing was sent
//   output `join-command`: `--discovery-token-unsafe-skip-ca-verification` is not allowed in a join command from a phase
