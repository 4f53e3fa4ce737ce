// Lists the folders of the host.
// args: --allow-wasi
// harmless: there is none
#![no_main]
use hostile::*;

struct Case;

impl Hostile for Case {
    fn plan_for(_: Request) -> Result<Plan, Failure> {
        Ok(note(format!("{:?} {:?}", std::fs::read_dir("/").err(), std::fs::read_dir(".").err())))
    }
}

hostile!(Case);

// exit: 0
// Some(Os { code: 44, kind: NotFound, message: "No such file or directory" }) Some(Os { code: 44, kind: NotFound, message: "No such file or directory" })
// the folder `DIR`: no cluster is changed
// the folder `DIR`: no cluster is changed
