//! Each fault of the proxy is what it says it is, to a plain client and to oras.

use crate::bench::{Bench, Said, digest};
use crate::fault::{Fault, Gate, Rule};
use crate::proxy::Proxy;
use crate::registry::{Registry, Setup};
use crate::tools::PHASE;
use crate::wire::{Answer, ask, manifest};
use crate::{Test, named};
use std::io;

/// A name, the faults, and what is said.
type ToOras = (&'static str, fn() -> Vec<Rule>, Option<&'static str>);

/// What is done to the layer, and what oras says then; nothing if it pulls it all the same.
const TO_ORAS: [ToOras; 7] = [
    ("500_once", || vec![layer(1, Fault::Status(500))], None),
    ("429_once", || vec![layer(1, Fault::Status(429))], None),
    ("403", || vec![Rule::each("GET", "/blobs/", Fault::Status(403))], Some("a fault of the test")),
    ("flipped", || vec![Rule::each("GET", "/blobs/", Fault::Flip(1000))], Some("mismatch")),
    ("cut", || vec![Rule::each("GET", "/blobs/", Fault::Cut(1000))], Some("EOF")),
    ("reset", || vec![Rule::each("GET", "/v2/", Fault::Reset)], Some("reset")),
    ("another_body", || vec![Rule::each("GET", "/blobs/", Fault::Body(b"else".to_vec()))], Some("mismatch")),
];

pub(crate) fn tests() -> Vec<Test> {
    let mut tests = vec![
        named("fault::counts_and_sees", counts),
        named("fault::status", status),
        named("fault::redirect", redirect),
        named("fault::reset", |bench| fails(bench, Fault::Reset)),
        named("fault::cut", |bench| fails(bench, Fault::Cut(1000))),
        named("fault::flip", flip),
        named("fault::slow", slow),
        named("fault::another_manifest", another),
        named("fault::endless", endless),
    ];
    tests.extend(TO_ORAS.map(|(name, rules, said)| named(format!("fault::oras::{name}"), move |bench| oras(bench, rules, said))));
    tests
}

/// To the n-th request for the layer; the config is the other blob that is asked for.
fn layer(n: usize, fault: Fault) -> Rule {
    Rule::nth(n, "GET", digest(PHASE), fault)
}

fn pushed(bench: &Bench) -> (Registry, Proxy, String) {
    let registry = bench.registry(Setup::plain());
    let proxy = Proxy::before(&registry);
    let digest = bench.oras_push(&proxy.reference("team/phase:1"), PHASE);
    assert_eq!(proxy.faults(), 0);
    (registry, proxy, digest)
}

/// Asks for the layer.
fn get(proxy: &Proxy) -> io::Result<Answer> {
    ask(proxy.address(), "GET", &format!("/v2/team/phase/blobs/{}", digest(PHASE)), &[], b"")
}

fn counts(bench: &Bench) {
    let (_registry, proxy, _) = pushed(bench);
    assert!(proxy.seen().iter().any(|seen| seen.method == "PUT" && seen.path.ends_with("/manifests/1")));
    proxy.begin(vec![layer(2, Fault::Status(500)), Rule::times(3, "GET", "/blobs/", Fault::Status(429))]);
    let statuses: Vec<u16> = (0..5).map(|_| get(&proxy).unwrap().status).collect();
    assert_eq!(statuses, [429, 500, 429, 200, 200]);
    assert_eq!((proxy.seen().len(), proxy.faults()), (5, 3));
    proxy.begin(Vec::new());
    let part = ask(proxy.address(), "GET", &proxy_path(), &[("range", "bytes=10-19")], b"").unwrap();
    assert_eq!((part.status, &part.body[..]), (206, &PHASE[10..20]), "this registry can resume");
    assert_eq!(proxy.seen()[0].head.header("range"), Some("bytes=10-19"));
}

fn proxy_path() -> String {
    format!("/v2/team/phase/blobs/{}", digest(PHASE))
}

fn status(bench: &Bench) {
    let (_registry, proxy, _) = pushed(bench);
    for (code, retry_after) in [(500, None), (429, Some("1")), (503, Some("1")), (404, None)] {
        proxy.begin(vec![layer(1, Fault::Status(code))]);
        let answer = get(&proxy).unwrap();
        assert_eq!((answer.status, answer.head.header("retry-after")), (code, retry_after));
        assert!(get(&proxy).unwrap().body == PHASE);
    }
}

fn redirect(bench: &Bench) {
    let (_registry, proxy, _) = pushed(bench);
    proxy.begin(vec![layer(1, Fault::Redirect("http://localhost:1/elsewhere".to_owned()))]);
    let answer = get(&proxy).unwrap();
    assert_eq!((answer.status, answer.head.header("location")), (307, Some("http://localhost:1/elsewhere")));
}

fn fails(bench: &Bench, fault: Fault) {
    let (_registry, proxy, _) = pushed(bench);
    proxy.begin(vec![layer(1, fault)]);
    let error = get(&proxy).unwrap_err();
    assert!([io::ErrorKind::UnexpectedEof, io::ErrorKind::ConnectionReset].contains(&error.kind()), "{error}");
    assert!(get(&proxy).unwrap().body == PHASE);
}

fn flip(bench: &Bench) {
    let (_registry, proxy, _) = pushed(bench);
    proxy.begin(vec![layer(1, Fault::Flip(7))]);
    let body = get(&proxy).unwrap().body;
    let changed: Vec<usize> = (0..PHASE.len()).filter(|at| body[*at] != PHASE[*at]).collect();
    assert_eq!((body.len(), changed), (PHASE.len(), vec![7]));
}

fn slow(bench: &Bench) {
    let (_registry, proxy, _) = pushed(bench);
    let gate = Gate::new();
    proxy.begin(vec![layer(1, Fault::Slow(gate.clone()))]);
    std::thread::scope(|scope| {
        let getting = scope.spawn(|| get(&proxy));
        proxy.wait_for(&gate, 20);
        assert!(!getting.is_finished(), "the rest is {} bytes", PHASE.len() - 20);
        gate.release();
        assert!(getting.join().unwrap().unwrap().body == PHASE);
    });
}

fn another(bench: &Bench) {
    let (_registry, proxy, first) = pushed(bench);
    let second = bench.oras_push(&proxy.reference("team/phase:2"), &[PHASE, b"\x00\x01\x00"].concat());
    let path = |digest| format!("/v2/team/phase/manifests/{digest}");
    // All of another answer: one who can be believed but for what was asked.
    proxy.begin(vec![Rule::each("GET", path(&first), Fault::Path(path(&second)))]);
    let told = manifest(proxy.address(), "team/phase", &first).unwrap();
    assert_eq!(digest(&told.body), second);
    assert_eq!(told.head.header("docker-content-digest"), Some(second.as_str()));
    // Only the body: a liar.
    proxy.begin(vec![Rule::each("GET", path(&first), Fault::Body(told.body.clone()))]);
    let lie = manifest(proxy.address(), "team/phase", &first).unwrap();
    assert_eq!((&lie.body, lie.head.header("docker-content-digest")), (&told.body, Some(first.as_str())));
    bench.oras_pull(&proxy.reference(&format!("team/phase@{first}"))).unwrap_err().refused("mismatch");
}

/// It goes on for ever, so the client must leave: behind twice of what there is.
fn endless(bench: &Bench) {
    use std::io::{Read as _, Write as _};
    let (_registry, proxy, _) = pushed(bench);
    proxy.begin(vec![layer(1, Fault::Endless)]);
    let mut stream = std::net::TcpStream::connect(proxy.address()).unwrap();
    write!(stream, "GET {} HTTP/1.1\r\nhost: {}\r\n\r\n", proxy_path(), proxy.host()).unwrap();
    let mut twice = vec![0; 2 * PHASE.len()];
    stream.read_exact(&mut twice).unwrap();
    assert!(!String::from_utf8_lossy(&twice[..1000]).to_lowercase().contains("content-length"));
}

fn oras(bench: &Bench, rules: fn() -> Vec<Rule>, said: Option<&str>) {
    let (_registry, proxy, _) = pushed(bench);
    proxy.begin(rules());
    let pulled: Result<Vec<u8>, Said> = bench.oras_pull(&proxy.reference("team/phase:1"));
    match said {
        Some(because) => drop(pulled.unwrap_err().refused(because)),
        None => assert!(pulled.unwrap() == PHASE),
    }
    assert!(proxy.faults() > 0, "the fault was met");
}
