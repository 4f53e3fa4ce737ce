//! Who answers in the place of an API server: it is said at once who that is, and waited for only where waiting can help.

use super::cure::{Cure, cures, printed};
use super::{Eyes, Ready, TOKEN, check, preflight};
use crate::harness::Cluster;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::server::{ResolvesServerCertUsingSni, WebPkiClientVerifier};
use rustls::{RootCertStore, ServerConfig, ServerConnection, StreamOwned};
use std::io::{Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

/// How it behaves.
#[derive(Debug, Clone, Copy)]
pub(super) enum Manner {
    /// Says this without TLS.
    Says(&'static str),
    /// Says this without TLS once it was spoken to.
    Answers(&'static str),
    /// Says nothing and stays.
    Waits,
    /// Answers every request over TLS like this.
    Tls(&'static str),
    /// Wants a certificate, as etcd.
    WantsCertificate,
    /// Has no certificate for anybody.
    NoCertificate,
}

/// A server, and how often it was asked.
pub(super) struct Impostor {
    pub(super) endpoint: String,
    asked: Arc<AtomicUsize>,
}

fn config(manner: Manner) -> Arc<ServerConfig> {
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let key = rcgen::KeyPair::generate().unwrap();
    let names = rcgen::CertificateParams::new(vec!["127.0.0.1".to_owned()]).unwrap();
    let own: CertificateDer<'static> = names.self_signed(&key).unwrap().der().clone();
    let key = PrivateKeyDer::try_from(key.serialize_der()).unwrap();
    let builder = ServerConfig::builder_with_provider(Arc::clone(&provider)).with_safe_default_protocol_versions().unwrap();
    Arc::new(match manner {
        Manner::WantsCertificate => {
            let mut roots = RootCertStore::empty();
            roots.add(own.clone()).unwrap();
            let verifier = WebPkiClientVerifier::builder_with_provider(Arc::new(roots), provider).build().unwrap();
            builder.with_client_cert_verifier(verifier).with_single_cert(vec![own], key).unwrap()
        }
        Manner::NoCertificate => builder.with_no_client_auth().with_cert_resolver(Arc::new(ResolvesServerCertUsingSni::new())),
        _ => builder.with_no_client_auth().with_single_cert(vec![own], key).unwrap(),
    })
}

impl Impostor {
    pub(super) fn new(manner: Manner) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let (endpoint, asked) = (listener.local_addr().unwrap().to_string(), Arc::new(AtomicUsize::new(0)));
        let (config, count) = (config(manner), Arc::clone(&asked));
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let (config, count) = (Arc::clone(&config), Arc::clone(&count));
                std::thread::spawn(move || serve(stream, manner, config, &count));
            }
        });
        Self { endpoint, asked }
    }
}

fn serve(mut stream: TcpStream, manner: Manner, config: Arc<ServerConfig>, count: &AtomicUsize) -> Option<()> {
    let mut bytes = [0; 4096];
    match manner {
        Manner::Says(text) => stream.write_all(text.as_bytes()).ok()?,
        Manner::Answers(text) => {
            let _ = stream.read(&mut bytes).ok()?;
            stream.write_all(text.as_bytes()).ok()?;
        }
        Manner::Waits => while stream.read(&mut bytes).ok()? > 0 {},
        Manner::Tls(text) => {
            let mut stream = StreamOwned::new(ServerConnection::new(config).unwrap(), stream);
            while stream.read(&mut bytes).ok()? > 0 {
                count.fetch_add(1, Ordering::SeqCst);
                stream.write_all(text.as_bytes()).ok()?;
            }
        }
        Manner::WantsCertificate | Manner::NoCertificate => {
            let mut stream = StreamOwned::new(ServerConnection::new(config).unwrap(), stream);
            let _ = stream.read(&mut bytes).ok()?;
        }
    }
    Some(())
}

pub(super) const HTML: &str = "HTTP/1.1 200 OK\r\ncontent-type: text/html; charset=utf-8\r\nserver: nginx\r\ncontent-length: 34\r\n\r\n<html><title>Sign in</title></html>";
const LOGIN: &str = "HTTP/1.1 302 Found\r\nlocation: https://login.example.com/\r\ncontent-length: 0\r\n\r\n";
const MISSING: &str = "HTTP/1.1 404 Not Found\r\ncontent-type: text/plain\r\ncontent-length: 18\r\n\r\n404 page not found";
const KUBELET: &str = "HTTP/1.1 401 Unauthorized\r\ncontent-type: text/plain\r\ncontent-length: 12\r\n\r\nUnauthorized";
const REFUSED: &str = "HTTP/1.1 403 Forbidden\r\ncontent-type: text/html\r\ncontent-length: 6\r\n\r\n<html>";
const OTHER_JSON: &str = "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 15\r\n\r\n{\"status\":\"ok\"}";
const NO_BACKEND: &str = "HTTP/1.1 503 Service Unavailable\r\ncontent-type: text/html\r\ncontent-length: 6\r\n\r\n<html>";
const BAD_GATEWAY: &str = "HTTP/1.1 502 Bad Gateway\r\ncontent-length: 0\r\n\r\n";
const MANAGER: &str = "HTTP/1.1 403 Forbidden\r\ncontent-type: application/json\r\ncontent-length: 121\r\n\r\n{\"kind\":\"Status\",\"apiVersion\":\"v1\",\"status\":\"Failure\",\"message\":\"forbidden: cannot get path\",\"reason\":\"Forbidden\",\"code\":403}";
const PLAIN_HTTP: &str = "HTTP/1.1 400 Bad Request\r\ncontent-length: 0\r\n\r\n";
const PLAIN_PAGE: &str = "<!DOCTYPE HTML>\n<html>Bad request</html>";

pub(super) fn each_is_named_at_once(cluster: &Cluster) {
    let ready = Ready::new(cluster);
    for (manner, code, cause) in [
        (Manner::Tls(HTML), 1, "is a web server that returns an HTML page"),
        (Manner::Tls(LOGIN), 1, "redirects to another page"),
        (Manner::Tls(MISSING), 1, "no API server answers at"),
        (Manner::Tls(KUBELET), 1, "no API server answers at"),
        (Manner::Tls(REFUSED), 1, "is a web server that returns an HTML page"),
        (Manner::Tls(OTHER_JSON), 1, "is some other server"),
        (Manner::Tls(MANAGER), 1, "is some other server"),
        (Manner::Tls(NO_BACKEND), 2, "it does not reach a working API server"),
        (Manner::Tls(BAD_GATEWAY), 2, "it does not reach a working API server"),
        (Manner::Says("SSH-2.0-OpenSSH_9.6\r\n"), 1, "speaks SSH"),
        (Manner::Says("220 mail.example.com ESMTP\r\n"), 1, "speaks something other than TLS"),
        (Manner::Answers(PLAIN_HTTP), 1, "speaks plain HTTP"),
        (Manner::Answers(PLAIN_PAGE), 1, "speaks plain HTTP"),
        (Manner::Answers(""), 2, "closes it without an answer"),
        (Manner::Waits, 2, "accepts the connection and sends nothing"),
        (Manner::WantsCertificate, 1, "requires a client certificate"),
        (Manner::NoCertificate, 2, "refuses TLS ("),
    ] {
        let impostor = Impostor::new(manner);
        let there = Ready { endpoint: impostor.endpoint.clone(), hash: ready.hash.clone() };
        let said = check(cluster, &["check", &there.line(TOKEN), "--request-timeout=2s"], Eyes::Node);
        let story = format!("{manner:?}\n{}\n{}", said.stdout, said.stderr);
        assert_eq!(said.code, code, "{story}");
        let causes: Vec<&str> = said.stdout.lines().filter(|line| line.starts_with("cause: ")).collect();
        assert!(causes.len() == 1 && causes[0].contains(cause), "{cause}: {story}");
        assert!(!said.stderr.contains("trying again"), "{story}");
        printed(&said);
        let asked = impostor.asked.load(Ordering::SeqCst);
        assert!(asked <= 1, "asked {asked} times: {story}");
        // Where waiting cannot help, nobody waits.
        if code == 1 {
            check(cluster, &["check", &there.line(TOKEN), "--request-timeout=2s", "--wait=1h"], Eyes::Node);
        }
        assert_ne!(preflight(cluster, &there, TOKEN).code, 0, "{story}");
    }
}

pub(super) fn nobody_answers(cluster: &Cluster) {
    let ready = Ready::new(cluster);
    for (endpoint, cause) in [
        ("127.0.0.1:1", "nothing listens at 127.0.0.1:1"),
        ("127.0.0.1:10250", "this is the port of the kubelet"),
        ("127.0.0.1:2379", "this is the port of etcd"),
        ("nobody.invalid:6443", "the name nobody.invalid cannot be resolved here"),
    ] {
        let there = Ready { endpoint: endpoint.to_owned(), hash: ready.hash.clone() };
        let said = check(cluster, &["check", &there.line(TOKEN), "--request-timeout=5s"], Eyes::Node);
        assert_eq!(said.code, 2, "{}", said.stdout);
        assert!(said.stdout.contains(cause), "{cause}: {}", said.stdout);
        printed(&said);
        assert_ne!(preflight(cluster, &there, TOKEN).code, 0, "{}", said.stdout);
    }
    let mut command = cluster.our_command(&["check", &ready.line(TOKEN).replace("127.0.0.1:", "cp.example.com:")]);
    command.env_remove("KUBECONFIG").env("HOME", cluster.dir.join("nowhere")).env("HTTPS_PROXY", "http://127.0.0.1:1");
    let said = crate::harness::said(command);
    assert!(said.code == 2 && said.stdout.contains("cause: HTTPS_PROXY names a proxy"), "{}", said.stdout);
    printed(&said);
}

/// The cure of a wrong endpoint is a line of somebody who knows the cluster.
pub(super) fn cured_by_a_line(cluster: &Cluster) {
    for manner in [Manner::Tls(HTML), Manner::WantsCertificate, Manner::Answers(PLAIN_HTTP)] {
        let ready = Ready::new(cluster);
        let impostor = Impostor::new(manner);
        let there = Ready { endpoint: impostor.endpoint.clone(), hash: ready.hash.clone() };
        let said = check(cluster, &["check", &there.line(TOKEN)], Eyes::Node);
        cures(cluster, Cure::Line, &printed(&said), &ready, TOKEN, None);
    }
}

/// Every command says it at once, as kubectl does.
pub(super) fn other_commands(cluster: &Cluster) {
    for answer in [HTML, "HTTP/1.1 200 OK\r\ncontent-type: text/plain\r\ncontent-length: 2\r\n\r\nok"] {
        let impostor = Impostor::new(Manner::Tls(answer));
        let url = format!("https://{}", impostor.endpoint);
        let flags = ["--server", &url, "--insecure-skip-tls-verify", "--kubeconfig", "/dev/null"];
        let theirs = cluster.run("kubectl", &[&["get", "secrets"][..], &flags].concat());
        let before = impostor.asked.load(Ordering::SeqCst);
        let ours = cluster.ours(&[&["list"][..], &flags].concat());
        let story = format!("{}\n{}", ours.stdout, ours.stderr);
        assert!(theirs.code != 0 && ours.code != 0, "{}\n{story}", theirs.stderr);
        assert!(ours.stderr.contains("no API server answers at "), "{story}");
        assert!(!ours.stderr.contains("trying again"), "{story}");
        assert!(impostor.asked.load(Ordering::SeqCst) - before <= 3, "{story}");
    }
}
