// Aborts its process.
// args: --allow-wasi
use hostile::*;

struct Case;

impl Hostile for Case {
    fn plan_for(_: Request) -> Result<Plan, Failure> {
        std::process::abort()
    }
}

hostile!(Case);
