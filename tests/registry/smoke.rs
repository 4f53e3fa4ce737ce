//! The judges agree with each other. What fails here is the harness or a tool, and not us.

use crate::bench::{Bench, digest, text};
use crate::login::{Kept, PASSWORD, USER};
use crate::proxy::Proxy;
use crate::registry::{Registry, Setup};
use crate::signing::Format;
use crate::tls::Authority;
use crate::tools::PHASE;
use crate::{Test, named, wire};
use serde_json::Value;
use std::sync::Arc;

pub(crate) fn tests() -> Vec<Test> {
    let mut tests = vec![
        named("smoke::oras_and_wkg_pull_each_others", exchange),
        named("smoke::we_run_here", we_run),
        named("smoke::an_attestation_is_no_signature", attestation),
        named("smoke::a_blob_is_signed", blob),
        named("smoke::an_unsigned_one_is_refused", unsigned),
        named("smoke::an_authority_is_asked_for", tls),
        named("smoke::a_password_is_asked_for", login),
        named("smoke::what_is_spoilt_on_disk_is_refused", spoilt),
        named("smoke::a_registry_ends_with_its_trial", ends),
    ];
    for format in Format::ALL {
        tests.push(named(format!("smoke::signed::{format:?}"), move |bench| signed(bench, format)));
        tests.push(named(format!("smoke::moved::{format:?}"), move |bench| moved(bench, format)));
    }
    tests.extend(Kept::ALL.map(|kept| named(format!("smoke::login::{kept:?}"), move |bench| logged_in(bench, kept))));
    tests
}

fn exchange(bench: &Bench) {
    let registry = bench.registry(Setup::plain());
    let (by_oras, by_wkg) = (registry.reference("team/oras:1"), registry.reference("team/wkg:1"));
    bench.oras_push(&by_oras, PHASE);
    bench.wkg_push(&by_wkg, PHASE);
    for reference in [by_oras, by_wkg] {
        assert!(bench.wkg_pull(&reference).unwrap() == PHASE, "wkg, {reference}");
        assert!(bench.oras_pull(&reference).unwrap() == PHASE, "oras, {reference}");
    }
}

fn we_run(bench: &Bench) {
    let file = bench.file("phase.wasm", PHASE);
    let said = bench.ours(&["phase", "inspect", text(&file), "-o", "json"]).ok();
    let said: Value = serde_json::from_str(&said.stdout).unwrap();
    assert!(said.to_string().contains(&digest(PHASE)), "{said:#}");
}

/// A registry with one artifact, and the reference with its digest.
fn pushed(bench: &Bench) -> (Registry, String) {
    let registry = bench.registry(Setup::plain());
    let digest = bench.oras_push(&registry.reference("team/phase:1"), PHASE);
    let reference = registry.reference(&format!("team/phase@{digest}"));
    (registry, reference)
}

/// What cosign says of a signature by another key.
const fn of_others(format: Format) -> &'static str {
    match format {
        Format::Bundle => "accepted signatures do not match threshold",
        Format::Sig => "invalid signature",
    }
}

fn signed(bench: &Bench, format: Format) {
    let (registry, reference) = pushed(bench);
    bench.sign(bench.tools().keys(), &reference, format);
    // This registry has no referrers API, so both formats are found by a tag.
    let tag = format.tag(reference.split_once('@').unwrap().1);
    assert_eq!(wire::manifest(registry.address(), "team/phase", &tag).unwrap().status, 200, "{tag}");
    bench.cosign_verify(bench.tools().keys(), &reference, format).ok();
    bench.cosign_verify(bench.tools().other_keys(), &reference, format).refused(of_others(format));
}

/// A signature of one artifact, laid beside another one.
fn moved(bench: &Bench, format: Format) {
    let (registry, reference) = pushed(bench);
    bench.sign(bench.tools().keys(), &reference, format);
    let other = bench.oras_push(&registry.reference("team/phase:2"), &[PHASE, b"\x00\x01\x00"].concat());
    registry.move_signatures("team/phase", reference.split_once('@').unwrap().1, &other, format);
    let other = registry.reference(&format!("team/phase@{other}"));
    let because = match format {
        Format::Bundle => "artifact digest does not match any digest in statement",
        Format::Sig => "invalid or missing digest in claim",
    };
    bench.cosign_verify(bench.tools().keys(), &other, format).refused(because);
}

fn attestation(bench: &Bench) {
    let (_registry, reference) = pushed(bench);
    bench.attest(bench.tools().keys(), &reference);
    // For cosign an attestation of anything at all will do. For us it must not.
    bench.cosign_verify(bench.tools().keys(), &reference, Format::Bundle).ok();
    bench.cosign_verify(bench.tools().other_keys(), &reference, Format::Bundle).refused(of_others(Format::Bundle));
}

fn blob(bench: &Bench) {
    let file = bench.file("phase.wasm", PHASE);
    let keys = bench.tools().keys();
    let bundle = bench.sign_blob(keys, &file);
    let args = ["verify-blob", "--key", text(&keys.public), "--bundle", text(&bundle), "--insecure-ignore-tlog=true"];
    let verify = |file| bench.cosign(&[&args[..], &[file]].concat());
    verify(text(&file)).ok();
    verify(text(&bench.file("other.wasm", b"other"))).refused("invalid signature");
}

fn unsigned(bench: &Bench) {
    let (_registry, reference) = pushed(bench);
    for format in Format::ALL {
        bench.cosign_verify(bench.tools().keys(), &reference, format).refused("no signatures found");
    }
}

fn tls(bench: &Bench) {
    let authority = Arc::new(Authority::new());
    let registry = bench.registry(Setup::plain().with_tls(&authority));
    let (known, other) = (bench.file("known.pem", &authority.pem), bench.file("other.pem", Authority::new().pem));
    let reference = registry.reference("team/phase:1");
    bench.oras_push_by(&["--ca-file", text(&known)], &reference, PHASE);
    let tags = |file| bench.oras(&["repo", "tags", "--ca-file", file, &registry.reference("team/phase")]);
    assert_eq!(tags(text(&known)).ok().stdout, "1\n");
    tags(text(&other)).refused("certificate");
}

fn login(bench: &Bench) {
    let registry = bench.registry(Setup::plain().with_login());
    let answer = wire::ask(registry.address(), "GET", "/v2/", &[], b"").unwrap();
    assert_eq!((answer.status, answer.head.header("www-authenticate")), (401, Some("Basic realm=\"of a test\"")));
    bench.log_in_as(&registry.host(), Kept::Auths, "a-wrong-one");
    let file = bench.file("phase.wasm", PHASE);
    let reference = registry.reference("team/phase:1");
    let push = ["oci", "push", "--insecure", &registry.host(), &reference, text(&file)];
    bench.wkg(&push).refused("authentication required");
    bench.wkg(&[&push[..], &["-u", USER, "-p", PASSWORD]].concat()).ok();
}

fn logged_in(bench: &Bench, kept: Kept) {
    let registry = bench.registry(Setup::plain().with_login());
    bench.log_in(&registry.host(), kept);
    let reference = registry.reference("team/phase:1");
    let digest = bench.oras_push(&reference, PHASE);
    assert!(bench.oras_pull(&reference).unwrap() == PHASE);
    bench.sign(bench.tools().keys(), &registry.reference(&format!("team/phase@{digest}")), Format::Sig);
    assert_eq!(bench.helper_was_asked().contains(&registry.host()), kept != Kept::Auths);
}

fn spoilt(bench: &Bench) {
    let (registry, reference) = pushed(bench);
    let layer = digest(PHASE);
    registry.flip(&layer, PHASE.len() / 2);
    bench.oras_pull(&reference).unwrap_err().refused("mismatch");
    registry.flip(&layer, PHASE.len() / 2);
    assert!(bench.oras_pull(&reference).unwrap() == PHASE);
    registry.cut(&layer, 10);
    bench.oras_pull(&reference).unwrap_err().refused("mismatch");
    registry.replace(&layer, b"something else");
    bench.oras_pull(&reference).unwrap_err().refused("mismatch");
    registry.lose(&layer);
    bench.oras_pull(&reference).unwrap_err().refused("not found");
}

fn ends(bench: &Bench) {
    let registry = bench.registry(Setup::plain());
    let address = registry.address();
    let proxy = Proxy::before(&registry);
    assert_eq!(wire::ask(proxy.address(), "GET", "/v2/", &[], b"").unwrap().status, 200);
    assert!(registry.log().contains(&registry.host()));
    let run = std::panic::catch_unwind(std::panic::AssertUnwindSafe(move || {
        let _registry = registry;
        // Without the words that a panic has on stderr.
        std::panic::resume_unwind(Box::new(()));
    }));
    assert!(run.is_err());
    assert_eq!(wire::ask(address, "GET", "/v2/", &[], b"").unwrap_err().kind(), std::io::ErrorKind::ConnectionRefused);
    assert!(wire::ask(proxy.address(), "GET", "/v2/", &[], b"").is_err());
}
