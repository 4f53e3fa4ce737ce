// Waits for connections.
// args: --allow-wasi
// harmless: there is no network
#![no_main]
use hostile::*;
use std::net::TcpListener;

struct Case;

impl Hostile for Case {
    fn plan_for(_: Request) -> Result<Plan, Failure> {
        Ok(note(format!("{:?}", TcpListener::bind("127.0.0.1:0").err())))
    }
}

hostile!(Case);

// exit: 0
// Some(Os { code: 2, kind: PermissionDenied, message: "Permission denied" })
// the folder `DIR`: no cluster is changed
// the folder `DIR`: no cluster is changed
