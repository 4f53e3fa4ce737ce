// Says a join command with the secret in a flag that nobody masks.
// args: abcdef.0123456789abcdef --skip-token-print
#![no_main]
use hostile::*;

struct Case;

impl Hostile for Case {
    fn plan_for(request: Request) -> Result<Plan, Failure> {
        Ok(line("join-command", "kubeadm join a.example:6443 --token abcdef.{} --node-name {}", &request))
    }
}

hostile!(Case);

// exit: 2
// error: the phase wants to do more than it is allowed to; nothing was sent
//   output `join-command`: `--node-name` is not allowed in a join command from a phase
