// Connects to a server.
// args: --allow-wasi
// harmless: there is no network
#![no_main]
use hostile::*;
use std::net::TcpStream;

struct Case;

impl Hostile for Case {
    fn plan_for(_: Request) -> Result<Plan, Failure> {
        Ok(note(format!("{:?}", TcpStream::connect("127.0.0.1:6443").err())))
    }
}

hostile!(Case);

// exit: 0
// Some(Os { code: 2, kind: PermissionDenied, message: "Permission denied" })
// the folder `DIR`: no cluster is changed
// the folder `DIR`: no cluster is changed
