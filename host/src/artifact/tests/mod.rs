//! A registry on loopback with answers defined by the test, and an artifact for it.

mod layout;
mod local_store;
mod pull;
mod redirect;
mod registry;

use super::layout::{Built, Manifest, build};
use super::local_store::Artifact;
use super::registry::{Registry, RegistrySettings};
use kubephase_core::claim::Claim;
use kubephase_core::description::Description;
use kubephase_core::digest::Digest;
use kubephase_core::log::Silent;
use kubephase_core::name::Identifier;
use kubephase_core::reference::Reference;
use kubephase_core::source::{RegistryAccess, Transport};
use kubephase_core::structure::Structure;
use std::io::{Read as _, Write as _};
use std::net::TcpListener;
use std::path::PathBuf;
use std::sync::{Arc, Mutex};

/// The maximum size of a component in these tests, bytes.
const LIMIT: u64 = 1 << 20;

/// A server for one test.
struct Server {
    address: String,
    seen: Arc<Mutex<Vec<String>>>,
}

/// Answers each request with the result of `answer` for its head and number. Each connection serves one request.
fn serve(answer: impl Fn(&str, usize) -> Vec<u8> + Send + Sync + 'static) -> Server {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap().to_string();
    let seen: Arc<Mutex<Vec<String>>> = Arc::default();
    let (log, answer) = (Arc::clone(&seen), Arc::new(answer));
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let (mut stream, log, answer) = (stream.unwrap(), Arc::clone(&log), Arc::clone(&answer));
            std::thread::spawn(move || {
                let (mut head, mut byte) = (Vec::new(), [0]);
                while !head.ends_with(b"\r\n\r\n") && stream.read(&mut byte).is_ok_and(|count| count == 1) {
                    head.extend(byte);
                }
                let head = String::from_utf8(head).unwrap();
                let number = {
                    let mut log = log.lock().unwrap();
                    log.push(head.clone());
                    log.len() - 1
                };
                let _ = stream.write_all(&answer(&head, number));
            });
        }
    });
    Server { address, seen }
}

impl Server {
    fn seen(&self) -> Vec<String> {
        self.seen.lock().unwrap().clone()
    }

    /// The request lines, without the HTTP version.
    fn lines(&self) -> Vec<String> {
        self.seen().iter().map(|head| head.split(" HTTP").next().unwrap().to_owned()).collect()
    }

    fn reference(&self, tag: &str) -> Reference {
        Reference::parse(&format!("{}/x:{tag}", self.address)).unwrap()
    }
}

/// An answer.
fn reply(status: u16, headers: &[(&str, &str)], body: &[u8]) -> Vec<u8> {
    let headers: String = headers.iter().map(|(name, value)| format!("{name}: {value}\r\n")).collect();
    let head = format!("HTTP/1.1 {status} x\r\nConnection: close\r\nContent-Length: {}\r\n{headers}\r\n", body.len());
    [head.as_bytes(), body].concat()
}

/// An answer whose connection breaks before its end.
fn cut(body: &[u8], at: usize) -> Vec<u8> {
    let whole = reply(200, &[], body);
    whole[..whole.len() - (body.len() - at)].to_vec()
}

fn component() -> Vec<u8> {
    let mut component = b"\0asm\x0d\0\x01\0".to_vec();
    component.extend((0..50_000_u32).flat_map(u32::to_le_bytes));
    component
}

fn claim() -> Claim {
    let id = Identifier::parse("id", "a").unwrap();
    let description = Description { id, version: "1".to_owned(), summary: String::new(), tasks: Vec::new(), rules: Vec::new() };
    Claim { description, contracts: vec!["0.1.0".to_owned()], imports: Vec::new() }
}

fn built() -> Built {
    build(&component(), "a.wasm", &Structure::default(), &claim())
}

fn artifact(reference: &str) -> Artifact {
    let (reference, built) = (Reference::parse(reference).unwrap(), built());
    Artifact { reference, manifest: built.manifest, config: built.config, component: component(), signed: Vec::new() }
}

fn manifest() -> Manifest {
    Manifest::read(&Reference::parse("h.io/x:1").unwrap(), &built().manifest, LIMIT).unwrap()
}

/// Answers like a registry with one artifact, under every tag, without signatures.
fn good(head: &str) -> Vec<u8> {
    let (built, manifest) = (built(), manifest());
    let path = head.split(' ').nth(1).unwrap();
    let ends = |digest: &Digest| path.ends_with(&digest.to_string());
    match path {
        _ if path.contains("/referrers/") || path.contains("/manifests/sha256-") => reply(404, &[], b""),
        _ if path.contains("/manifests/") => reply(200, &[("Docker-Content-Digest", &built.digest.to_string())], &built.manifest),
        _ if ends(&manifest.config.1) => reply(200, &[], &built.config),
        _ if ends(&manifest.layer.1) => reply(200, &[], &component()),
        _ => reply(404, &[], b""),
    }
}

fn access(logins: Vec<PathBuf>) -> RegistryAccess {
    RegistryAccess { transport: Transport::PlainHttp, authorities: None, https_proxy: None, no_proxy: None, logins }
}

const QUIET: RegistrySettings<'static> = RegistrySettings { log: &Silent, say: &|_| {} };

fn registry(reference: &Reference) -> Registry<'static> {
    Registry::prepare(reference, &access(Vec::new()), QUIET).unwrap()
}
