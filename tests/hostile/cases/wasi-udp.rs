// Sends a datagram.
// args: --allow-wasi
// harmless: there is no network
#![no_main]
use hostile::*;
use std::net::UdpSocket;

struct Case;

impl Hostile for Case {
    fn plan_for(_: Request) -> Result<Plan, Failure> {
        Ok(note(format!("{:?}", UdpSocket::bind("0.0.0.0:0").and_then(|socket| socket.send_to(b"a", "127.0.0.1:53")))))
    }
}

hostile!(Case);

// exit: 0
// Err(Os { code: 2, kind: PermissionDenied, message: "Permission denied" })
// the folder `DIR`: no cluster is changed
// the folder `DIR`: no cluster is changed
