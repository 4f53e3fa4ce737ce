//! Shapes of certificates, of authorities, servers and clients: our verdict is kubectl's.

mod clients;
mod peer;
mod servers;

use crate::harness::{Cluster, OURS, said, trial};
use crate::recorder::{Log, Request, with_tls};
use libtest_mimic::Trial;
use servers::Server;
use std::process::Stdio;
use std::sync::{Arc, Mutex};

/// What both ask for.
const ASKED: &str = "/api/v1/namespaces/kube-system/secrets?fieldSelector=type%3Dbootstrap.kubernetes.io%2Ftoken";

/// Whether kubectl takes it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Verdict {
    Taken,
    /// It does not; we say this.
    Refused(&'static str),
}

pub(crate) fn trials(cluster: &Arc<Cluster>) -> Vec<Trial> {
    let servers = servers::servers().into_iter().map(|server| {
        let (name, server) = (server.name, Mutex::new(Some(server)));
        trial(format!("certificates::server_{name}"), cluster, move |cluster| {
            let server = server.lock().unwrap().take().unwrap();
            check_server(cluster, server);
        })
    });
    let clients = trial("certificates::a2_clients", cluster, clients::clients);
    servers.chain([clients]).collect()
}

/// What a server of this identity saw of a program, and what that said.
fn asked(cluster: &Cluster, program: &str, first: &[&str], flags: &[&str], log: &Log) -> (bool, Vec<Request>, String) {
    log.lock().unwrap().clear();
    let mut command = cluster.command(program, &[first, flags].concat());
    command.stdin(Stdio::null()).env("KUBECONFIG", "").env("HOME", &cluster.dir);
    let said = said(command);
    (said.code == 0, log.lock().unwrap().clone(), format!("{}{}", said.stdout, said.stderr))
}

fn check_server(cluster: &Cluster, server: Server) {
    let Server { name, authority, identity, flags, verdict } = server;
    let log = Log::default();
    let address = with_tls("server", identity, &log);
    let authority = cluster.file("shape.crt", &authority);
    let url = format!("https://{address}");
    let flags =
        [&["--server", &url, "--certificate-authority", authority.to_str().unwrap(), "--token", "x"], &flags[..]].concat();
    let theirs = asked(cluster, "kubectl", &["get", "--raw", ASKED], &flags, &log);
    let ours = asked(cluster, OURS, &["list"], &flags, &log);
    assert_eq!((ours.0, &ours.1), (theirs.0, &theirs.1), "{name}\nwe: {}\nkubectl: {}", ours.2, theirs.2);
    match verdict {
        Verdict::Taken => assert!(ours.0, "{name}: {}", ours.2),
        Verdict::Refused(words) => assert!(!ours.0 && ours.2.contains(words), "{name}\nwe: {}\nkubectl: {}", ours.2, theirs.2),
    }
}
