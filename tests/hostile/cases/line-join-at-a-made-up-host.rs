// Says a join command that leads to a host that nobody named.
// args: abcdef.0123456789abcdef
// harmless: a script gets a join command that is one; nobody is asked there
use hostile::*;

struct Case;

impl Hostile for Case {
    fn plan_for(request: Request) -> Result<Plan, Failure> {
        Ok(line("join-command", "kubeadm join made-up.example:6443 --token abcdef.{}", &request))
    }
}

hostile!(Case);
