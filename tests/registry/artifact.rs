//! Our commands beside oras and wkg: what they push we pull, and the other way round; and what becomes of a pull when something fails.

use crate::bench::{Bench, Said, digest, text};
use crate::fault::{Fault, Rule};
use crate::login::Kept;
use crate::proxy::Proxy;
use crate::registry::{Registry, Setup};
use crate::signing::Format;
use crate::tls::Authority;
use crate::tools::PHASE;
use crate::{Test, named};
use serde_json::Value;
use std::process::Stdio;
use std::sync::Arc;

/// A name, the faults, and what is said; nothing if it is pulled all the same.
type ToUs = (&'static str, fn() -> Vec<Rule>, Option<&'static str>);

const TO_US: [ToUs; 17] = [
    ("manifest_500_once", || vec![Rule::nth(1, "GET", "/manifests/1", Fault::Status(500))], None),
    ("manifest_429_once", || vec![Rule::nth(1, "GET", "/manifests/1", Fault::Status(429))], None),
    ("manifest_reset_once", || vec![Rule::nth(1, "GET", "/manifests/1", Fault::Reset)], None),
    ("manifest_cut_once", || vec![Rule::nth(1, "GET", "/manifests/1", Fault::Cut(20))], None),
    (
        "manifest_flipped",
        || vec![Rule::each("GET", "/manifests/1", Fault::Flip(20))],
        Some("the received manifest has the digest"),
    ),
    ("manifest_endless", || vec![Rule::each("GET", "/manifests/1", Fault::Endless)], Some("the manifest has more than")),
    (
        "manifest_another",
        || vec![Rule::each("GET", "/manifests/1", Fault::Body(b"{}".to_vec()))],
        Some("the received manifest has the digest"),
    ),
    ("config_flipped", || vec![Rule::nth(1, "GET", "/blobs/", Fault::Flip(5))], Some("the received config has the digest")),
    ("layer_503_once", || vec![layer(1, Fault::Status(503))], None),
    ("layer_403", || vec![Rule::each("GET", digest(PHASE), Fault::Status(403))], Some("refuses access to `team/phase`")),
    ("layer_cut_once", || vec![layer(1, Fault::Cut(1000))], None),
    ("layer_cut_and_reset", || vec![layer(1, Fault::Cut(1000)), layer(2, Fault::Reset), layer(3, Fault::Cut(1000))], None),
    (
        "layer_flipped",
        || vec![Rule::each("GET", digest(PHASE), Fault::Flip(1000))],
        Some("the received component has the digest"),
    ),
    (
        "layer_flipped_behind_a_cut",
        || vec![layer(1, Fault::Cut(1000)), layer(2, Fault::Flip(7))],
        Some("the received component has the digest"),
    ),
    ("layer_endless", || vec![Rule::each("GET", digest(PHASE), Fault::Endless)], Some("its component has")),
    ("layer_elsewhere", || vec![layer(1, Fault::Redirect("ftp://localhost/".to_owned()))], Some("error: the registry")),
    ("signatures_refused", || vec![Rule::each("GET", "/referrers/", Fault::Status(403))], Some("refuses access to `team/phase`")),
];

pub(crate) fn tests() -> Vec<Test> {
    let mut tests = vec![
        named("artifact::ours_to_others", ours_to_others),
        named("artifact::others_to_us", others_to_us),
        named("artifact::pushed_inspected_and_run", run),
        named("artifact::signatures_travel_in_archives", archive),
        named("artifact::an_authority_is_asked_for", tls),
        named("artifact::fifty_at_once_leave_one_copy", fifty),
        named("artifact::a_pull_goes_on_in_the_next_command", next_command),
    ];
    tests.extend(
        TO_US.map(|(name, rules, said)| named(format!("artifact::fault::{name}"), move |bench| fault(bench, rules, said))),
    );
    tests.extend(Kept::ALL.map(|kept| named(format!("artifact::login::{kept:?}"), move |bench| login(bench, kept))));
    tests
}

/// To the n-th request for the component.
fn layer(n: usize, fault: Fault) -> Rule {
    Rule::nth(n, "GET", digest(PHASE), fault)
}

/// A registry with the embedded phase, and the reference with its digest.
fn pushed(bench: &Bench) -> (Registry, String) {
    let registry = bench.registry(Setup::plain());
    let said = bench.ours(&["phase", "push", "embedded", &registry.reference("team/phase:1"), "--plain-http"]).ok();
    (registry, said.stdout.trim().to_owned())
}

fn pull(bench: &Bench, reference: &str) -> Said {
    bench.ours(&["phase", "pull", reference, "--plain-http"])
}

/// The component as it comes out of the local store.
fn exported(bench: &Bench, reference: &str) -> Vec<u8> {
    let file = bench.work().join("exported.wasm");
    bench.ours(&["phase", "export", reference, text(&file), "--pull=Never"]).ok();
    std::fs::read(file).unwrap()
}

/// How many files are in the local store.
fn blobs(bench: &Bench) -> usize {
    let folder = bench.home().join(".local/share/kubectl-bootstrap-token/phases/blobs/sha256");
    std::fs::read_dir(folder).map_or(0, Iterator::count)
}

fn ours_to_others(bench: &Bench) {
    let (registry, reference) = pushed(bench);
    for reference in [reference, registry.reference("team/phase:1")] {
        assert!(bench.wkg_pull(&reference).unwrap() == PHASE, "wkg, {reference}");
        assert!(bench.oras_pull(&reference).unwrap() == PHASE, "oras, {reference}");
    }
    let again = bench.ours(&["phase", "push", "embedded", &registry.reference("other/phase:2"), "--plain-http"]).ok();
    let digest = |said: &str| said.trim().split_once('@').unwrap().1.to_owned();
    let first = bench.ours(&["phase", "push", "embedded", &registry.reference("team/phase:1"), "--plain-http"]).ok();
    assert_eq!(digest(&again.stdout), digest(&first.stdout), "the same component is the same artifact");
}

fn others_to_us(bench: &Bench) {
    let registry = bench.registry(Setup::plain());
    let (by_oras, by_wkg) = (registry.reference("team/oras:1"), registry.reference("team/wkg:1"));
    let digest = bench.oras_push(&by_oras, PHASE);
    bench.wkg_push(&by_wkg, PHASE);
    for reference in [&by_oras, &by_wkg] {
        pull(bench, reference).ok();
        assert!(exported(bench, reference) == PHASE, "{reference}");
    }
    let pinned = format!("{by_oras}@{digest}");
    assert_eq!(pull(bench, &pinned).ok().stdout.trim(), pinned);
    let other = format!("{by_wkg}@{digest}");
    pull(bench, &other).refused("the registry has no `");
}

fn run(bench: &Bench) {
    let (registry, pinned) = pushed(bench);
    let reference = registry.reference("team/phase:1");
    let said = bench.ours(&["phase", "inspect", &reference, "--plain-http", "-o", "json", "-v", "6"]).ok();
    assert!(!said.stderr.contains(&digest(PHASE)), "the component is not asked for:\n{}", said.stderr);
    let said: Value = serde_json::from_str(&said.stdout).unwrap();
    assert_eq!((said["reference"].as_str(), said["componentRead"].as_bool()), (Some(pinned.as_str()), Some(false)));
    assert_eq!(said["claim"]["phase"]["id"], "kubeadm.bootstrap-token");
    let grant = bench.ours(&["phase", "inspect", &reference, "--plain-http", "-o", "grant"]).ok();
    let grant = bench.file("grant.yaml", grant.stdout);
    let plan = |more: &[&str]| {
        let args = [
            "plan",
            "--against",
            "empty",
            "--phase",
            &reference,
            "--grant",
            text(&grant),
            "--control-plane-endpoint",
            "a.b:6443",
        ];
        bench.ours(&[&args[..], more].concat())
    };
    plan(&["--pull=Never"]).refused("is not in the local store");
    plan(&["--plain-http"]).ok();
    drop(registry);
    plan(&[]).ok();
    plan(&["--pull=Always", "--plain-http"]).refused("cannot reach the registry");
}

fn archive(bench: &Bench) {
    let (registry, reference) = pushed(bench);
    for format in Format::ALL {
        bench.sign(
            bench.tools().keys(),
            &registry.reference(&format!("team/phase@{}", reference.split_once('@').unwrap().1)),
            format,
        );
    }
    let reference = registry.reference("team/phase:1");
    assert!(pull(bench, &reference).ok().stderr.contains("possible signatures: 2"));
    let tar = bench.work().join("phase.tar");
    bench.ours(&["phase", "save", &reference, text(&tar), "--pull=Never"]).ok();
    bench.ours(&["phase", "remove", &reference]).ok();
    assert_eq!(blobs(bench), 0);
    bench.ours(&["phase", "load", text(&tar)]).ok();
    let list = bench.ours(&["phase", "list", "-o", "json"]).ok();
    let list: Value = serde_json::from_str(&list.stdout).unwrap();
    assert_eq!((&list["items"][0]["reference"], &list["items"][0]["signatures"]), (&reference.into(), &2.into()));
}

fn tls(bench: &Bench) {
    let authority = Arc::new(Authority::new());
    let registry = bench.registry(Setup::plain().with_tls(&authority));
    let (known, other) = (bench.file("known.pem", &authority.pem), bench.file("other.pem", Authority::new().pem));
    let reference = registry.reference("team/phase:1");
    let push = |way: &[&str]| bench.ours(&[&["phase", "push", "embedded", &reference], way].concat());
    push(&[]).refused("signed by an unknown authority");
    push(&["--ca-file", text(&other)]).refused("signed by an unknown authority");
    push(&["--plain-http"]).refused("speaks TLS, but plain HTTP was used");
    push(&["--ca-file", text(&known)]).ok();
    bench.ours(&["phase", "pull", &reference, "--ca-file", text(&known)]).ok();
    let plain = bench.registry(Setup::plain());
    bench.ours(&["phase", "pull", &plain.reference("team/phase:1")]).refused("does not speak TLS");
}

fn login(bench: &Bench, kept: Kept) {
    let registry = bench.registry(Setup::plain().with_login());
    let reference = registry.reference("team/phase:1");
    let push = || bench.ours(&["phase", "push", "embedded", &reference, "--plain-http"]);
    push().refused("refuses access to `team/phase`");
    bench.log_in_as(&registry.address().to_string(), kept, "hunter2");
    let said = push().refused("refuses access to `team/phase`");
    assert!(!said.stderr.contains("hunter2"), "{}", said.stderr);
    bench.log_in(&registry.address().to_string(), kept);
    push().ok();
    pull(bench, &reference).ok();
    if kept != Kept::Auths {
        assert!(bench.helper_was_asked().contains(&registry.address().to_string()));
    }
}

fn fifty(bench: &Bench) {
    let (registry, _) = pushed(bench);
    let reference = registry.reference("team/phase:1");
    let spawn = |_| {
        let mut command = bench.command("ours", &["phase", "pull", &reference, "--plain-http"]);
        command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap()
    };
    let pulls: Vec<_> = (0..50).map(spawn).collect();
    for mut pull in pulls {
        assert!(pull.wait().unwrap().success());
    }
    assert_eq!(blobs(bench), 3);
    assert!(exported(bench, &reference) == PHASE);
}

fn next_command(bench: &Bench) {
    let (registry, _) = pushed(bench);
    let proxy = Proxy::before(&registry);
    proxy.begin(vec![layer(1, Fault::Cut(1000)), Rule::each("GET", digest(PHASE), Fault::Status(403))]);
    let reference = proxy.reference("team/phase:1");
    pull(bench, &reference).refused("refuses access");
    assert_eq!(blobs(bench), 0, "nothing of it is kept as whole");
    proxy.begin(Vec::new());
    pull(bench, &reference).ok();
    let seen = proxy.seen();
    let range = seen.iter().find(|seen| seen.path.ends_with(&digest(PHASE))).unwrap().head.header("range");
    assert_eq!(range, Some("bytes=1000-"));
    assert!(exported(bench, &reference) == PHASE);
}

fn fault(bench: &Bench, rules: fn() -> Vec<Rule>, because: Option<&str>) {
    let (registry, _) = pushed(bench);
    let proxy = Proxy::before(&registry);
    proxy.begin(rules());
    let reference = proxy.reference("team/phase:1");
    let said = pull(bench, &reference);
    assert!(proxy.faults() > 0, "the fault was met");
    match because {
        None => {
            said.ok();
            assert!(exported(bench, &reference) == PHASE);
        }
        Some(because) => {
            said.refused(because);
            assert_eq!(blobs(bench), 0, "nothing is kept");
            // And it is not spoilt for later.
            proxy.begin(Vec::new());
            pull(bench, &reference).ok();
            assert!(exported(bench, &reference) == PHASE);
        }
    }
}
