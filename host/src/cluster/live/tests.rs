//! A server whose answers never end: they are read up to the limit, and the failure is reported in one line.

use super::{CallSettings, Live, Target};
use crate::interrupt::Interrupt;
use kubephase_core::address::Address;
use kubephase_core::connection::{
    Compression, Connection, Environment, KubeconfigSource, Kuberc, Patience, TlsVerification, VersionUse,
};
use kubephase_core::log::{Level, Log, Silent};
use kubephase_core::object::kube_system;
use kubephase_core::progress::Unseen;
use std::cell::RefCell;
use std::io::{Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::path::PathBuf;
use std::time::Duration;

/// The read limit, plus what the operating system may buffer on both sides.
const MOST: u64 = 4 << 20;
const HELD: u64 = 32 << 20;

/// Sends a head and then the same piece until the client stops reading; returns how many bytes that was.
fn send(mut stream: TcpStream, head: &str, piece: &str) -> u64 {
    let mut asked = [0; 4096];
    let _ = stream.read(&mut asked).unwrap();
    stream.write_all(head.as_bytes()).unwrap();
    let pieces = piece.repeat(4096);
    let mut sent = 0;
    while stream.write_all(pieces.as_bytes()).is_ok() {
        sent += pieces.len() as u64;
        assert!(sent < MOST + HELD, "it is read on and on");
    }
    sent
}

fn connection(url: &str, kubeconfig: PathBuf) -> Connection {
    Connection {
        kubeconfig: KubeconfigSource::Files(vec![kubeconfig]),
        context: None,
        cluster: None,
        user: None,
        server: Some(Address::of(url)),
        tls_server_name: None,
        certificate_authority: None,
        tls_verification: TlsVerification::AsConfigured,
        client_certificate: None,
        client_key: None,
        proxy: None,
        compression: Compression::AsConfigured,
        token: None,
        username: None,
        password: None,
        impersonate: None,
        impersonate_uid: None,
        impersonate_groups: Vec::new(),
        impersonate_extra: Vec::new(),
        kuberc: Kuberc::Off,
        version: VersionUse::Told,
        patience: Patience { answer: None, total: Duration::from_secs(600) },
        environment: Environment::default(),
    }
}

fn asked(url: String) -> String {
    let folder = tempfile::tempdir().unwrap();
    let target = Target::resolve(&connection(&url, folder.path().join("none"))).unwrap();
    let interrupt = Interrupt::default();
    let patience = Patience { answer: None, total: Duration::from_secs(600) };
    let manners = CallSettings {
        patience,
        interrupt: &interrupt,
        progress: &Unseen,
        log: &Silent,
        caller: "",
        most_bytes: MOST,
        turns: None,
    };
    Live::prepare(target, manners).unwrap().get(&kube_system()).unwrap_err().to_string()
}

/// What is logged.
#[derive(Default)]
pub(super) struct Lines(pub(super) RefCell<Vec<String>>);

impl Log for Lines {
    fn line(&self, level: Level, text: &dyn Fn() -> String) {
        assert_eq!(level, Level::Requests);
        self.0.borrow_mut().push(text());
    }
}

#[test]
fn a_server_that_cannot_be_reached_is_named_in_the_log() {
    let (folder, interrupt, lines) = (tempfile::tempdir().unwrap(), Interrupt::default(), Lines::default());
    // A port that was free a moment ago.
    let url = format!("https://{}", TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap());
    let target = Target::resolve(&connection(&url, folder.path().join("none"))).unwrap();
    let patience = Patience { answer: None, total: Duration::ZERO };
    let manners = CallSettings {
        patience,
        interrupt: &interrupt,
        progress: &Unseen,
        log: &lines,
        caller: "",
        most_bytes: MOST,
        turns: None,
    };
    Live::prepare(target, manners).unwrap().get(&kube_system()).unwrap_err();
    assert_eq!(*lines.0.borrow(), [format!("connecting to {url} failed")]);
}

/// A login and a server name belong to the server that the kubeconfig names, and no login leaves this machine in the clear.
#[test]
#[expect(clippy::disallowed_methods, reason = "a kubeconfig")]
fn a_flag_for_another_server_takes_what_belongs_to_it() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("config");
    let text = "{contexts: [{name: x, context: {cluster: c, user: u}}], current-context: x, users: [{name: u, user: {token: t}}], \
        clusters: [{name: c, cluster: {server: 'https://cp.example', tls-server-name: n.example}}]}";
    std::fs::write(&file, text).unwrap();
    for (server, name, is_told) in [
        (None, Some("n.example"), true),
        (Some("https://other.example"), None, true),
        (Some("http://other.example"), None, false),
        (Some("http://127.0.0.1:8080"), None, true),
    ] {
        let connection = Connection { server: server.map(Address::of), ..connection("", file.clone()) };
        let target = Target::resolve(&connection).unwrap();
        assert_eq!(target.config.tls_server_name.as_deref(), name, "{server:?}");
        assert_eq!(target.credentials.resolve(None).unwrap().0.header().is_some(), is_told, "{server:?}");
    }
}

#[test]
fn an_answer_without_an_end_is_read_up_to_the_limit() {
    const CHUNKED: &str = "Content-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n";
    let piece = format!("400\r\n{}\r\n", " ".repeat(0x400));
    let spaces = " ".repeat(0x400);
    let good = "the server's answers, most recently to `/api/v1/namespaces/kube-system`, are larger than 4096 KiB in total";
    let refused = "the server refuses `/api/v1/namespaces/kube-system` with more than 1024 KiB of text";
    for (head, piece, expected) in [
        (format!("HTTP/1.1 200 OK\r\n{CHUNKED}"), piece.as_str(), good),
        // Until the connection ends, and with an impossible length.
        ("HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n\r\n".to_owned(), &spaces, good),
        ("HTTP/1.1 200 OK\r\nContent-Length: 9000000000000\r\n\r\n".to_owned(), &spaces, good),
        (format!("HTTP/1.1 403 Forbidden\r\n{CHUNKED}"), &piece, refused),
        (format!("HTTP/1.1 404 Not Found\r\n{CHUNKED}"), &piece, refused),
        (format!("HTTP/1.1 503 Service Unavailable\r\n{CHUNKED}"), &piece, refused),
        ("HTTP/1.1 502 Bad Gateway\r\n\r\n".to_owned(), &spaces, refused),
        // Endless headers.
        ("HTTP/1.1 200 OK\r\n".to_owned(), "x: y\r\n", "Unable to connect to the server"),
        ("HTTP/1.1 200 OK\r\nx: ".to_owned(), "y", "Unable to connect to the server"),
    ] {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let server = std::thread::spawn({
            let piece = piece.to_owned();
            move || {
                // A first connection may only test whether there is a server.
                send(listener.accept().unwrap().0, &head, &piece)
            }
        });
        let said = asked(url);
        assert!(said.contains(expected), "{said}");
        assert!(server.join().unwrap() < MOST + HELD);
    }
}
