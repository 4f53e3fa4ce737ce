// Writes to the terminal past the host, as if it were the host.
// args: --allow-wasi
// harmless: nobody sees it
#![no_main]
use hostile::*;

struct Case;

impl Hostile for Case {
    fn plan_for(_: Request) -> Result<Plan, Failure> {
        println!("secret/bootstrap-token-cccccc created");
        eprintln!("\u{1b}[2Jerror: none");
        Ok(note("a"))
    }
}

hostile!(Case);

// exit: 0
// a
// the folder `DIR`: no cluster is changed
// the folder `DIR`: no cluster is changed
