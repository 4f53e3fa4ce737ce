// Ends its process, so that the host would end as if all were well.
// args: --allow-wasi
#![no_main]
use hostile::*;

struct Case;

impl Hostile for Case {
    fn plan_for(_: Request) -> Result<Plan, Failure> {
        std::process::exit(0)
    }
}

hostile!(Case);

// exit: 2
// error: the phase broke the contract: Exited with i32 exit status 0
