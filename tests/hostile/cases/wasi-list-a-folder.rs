// Lists the folders of the host.
// args: --allow-wasi
// harmless: there is none
use hostile::*;

struct Case;

impl Hostile for Case {
    fn plan_for(_: Request) -> Result<Plan, Failure> {
        Ok(note(format!("{:?} {:?}", std::fs::read_dir("/").err(), std::fs::read_dir(".").err())))
    }
}

hostile!(Case);
