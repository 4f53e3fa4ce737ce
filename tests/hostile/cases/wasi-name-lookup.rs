// Looks up the address of a name, which a name server of its author would see.
// args: --allow-wasi
// harmless: nobody is asked
use hostile::*;
use std::net::ToSocketAddrs;

struct Case;

impl Hostile for Case {
    fn plan_for(_: Request) -> Result<Plan, Failure> {
        Ok(note(format!("{:?}", "secret.example.com:80".to_socket_addrs().err())))
    }
}

hostile!(Case);
