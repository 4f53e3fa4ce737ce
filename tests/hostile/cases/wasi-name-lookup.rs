// Looks up the address of a name, which a name server of its author would see.
// args: --allow-wasi
// harmless: nobody is asked
#![no_main]
use hostile::*;
use std::net::ToSocketAddrs;

struct Case;

impl Hostile for Case {
    fn plan_for(_: Request) -> Result<Plan, Failure> {
        Ok(note(format!("{:?}", "secret.example.com:80".to_socket_addrs().err())))
    }
}

hostile!(Case);

// exit: 0
// Some(Custom { kind: Uncategorized, error: "failed to lookup address information: Non-recoverable error" })
// the folder `DIR`: no cluster is changed
// the folder `DIR`: no cluster is changed
