//! What happens between two commands: tags move, signatures go, the operator thinks again, archives travel.

use super::stage::{By, Deed, Stage};
use crate::bench::{Bench, Said, text};
use crate::fault::{Fault, Gate, Rule};
use crate::signing::Format;
use crate::tools::PHASE;
use crate::{Test, named, wire};
use serde_json::Value;
use std::process::Stdio;

/// The key `release` is good for one team.
const TEAM: &str = "keys: [{name: release, file: RELEASE}]\nrules: [{prefix: \"HOST/team\", keys: [release]}]\n";
/// Another key is.
const STRICTER: &str = "keys: [{name: next, file: OTHER}]\nrules: [{prefix: \"HOST/team\", keys: [next]}]\n";

pub(super) fn tests() -> Vec<Test> {
    vec![
        named("trust::story::a_digest_on_the_command_line_is_no_trust", pinned),
        named("trust::story::a_tag_moves", moved),
        named("trust::story::signatures_go", signatures_go),
        named("trust::story::the_operator_thinks_again", stricter),
        named("trust::story::an_archive_is_judged", archive),
        named("trust::story::copies_are_judged_where_they_are", copies),
        named("trust::story::a_slow_registry_is_waited_for", slow),
        named("trust::story::a_file", file),
        named("trust::story::a_verdict_as_json", document),
    ]
}

/// A stage with a policy for one team, on which the right key has signed.
fn signed(bench: &Bench, format: Format) -> Stage<'_> {
    let stage = Stage::new(bench, "team/phase");
    stage.does(Deed::Sign(By::Release, format));
    stage.trust(TEAM);
    stage
}

fn pinned(bench: &Bench) {
    let stage = signed(bench, Format::Bundle);
    let pull = |digest: &str| bench.ours(&["phase", "pull", &format!("{}@{digest}", stage.reference()), "--plain-http"]);
    // Whatever the tag says, it is the artifact of the digest that is judged.
    let other = bench.oras_push(&stage.registry.reference("team/phase:2"), &[PHASE, b"\x00\x01\x00"].concat());
    pull(&other).refused("it is not signed");
    pull(&format!("sha256:{}", "0".repeat(64))).refused("the registry has no `");
    stage.has_kept_nothing(None);
    pull(&stage.digest).ok();
}

/// Another component becomes the tag `1`.
fn move_tag(stage: &Stage<'_>) {
    let name = stage.registry.reference("team/phase:1");
    stage.bench.oras_push(&name, &[PHASE, b"\x00\x01\x00"].concat());
}

fn moved(bench: &Bench) {
    let stage = signed(bench, Format::Sig);
    stage.pull().ok();
    move_tag(&stage);
    assert!(stage.run(&[]).ok().stderr.contains(&stage.digest), "the one in the store");
    stage.run(&["--pull=Always"]).refused("it is not signed");
    assert_eq!(stage.verify(&[]).code, 0);
    assert_eq!(stage.verify(&["--pull=Always"]).code, 1);
    assert_eq!(stage.pull().refused("it is not signed").code, 2);
    // What was good stays, and stays good.
    assert_eq!(stage.kept(), [stage.reference()]);
    assert!(stage.run(&["--pull=Never"]).ok().stderr.contains(&stage.digest));
}

fn signatures_go(bench: &Bench) {
    for format in Format::ALL {
        let stage = signed(bench, format);
        stage.pull().ok();
        let path = format!("/v2/team/phase/manifests/{}", format.tag(&stage.digest));
        assert_eq!(wire::ask(stage.registry.address(), "DELETE", &path, &[], b"").unwrap().status, 202);
        stage.run(&["--pull=Always"]).refused("it is not signed");
        let reference = stage.reference();
        stage.run(&[]).ok();
        assert_eq!(stage.verify(&[]).code, 0);
        let Stage { registry, proxy, .. } = stage;
        drop((registry, proxy));
        let run = ["plan", "--phase", &reference, "--against=empty", "--grant=grant.yaml", "--control-plane-endpoint=a.b:6443"];
        assert!(bench.ours(&run).ok().stderr.contains("signed by release"));
    }
}

fn stricter(bench: &Bench) {
    let stage = signed(bench, Format::Bundle);
    stage.run(&[]).ok();
    stage.trust(STRICTER);
    let refused = |said: Said| said.refused("it has no valid signature: it is not signed by any of the keys");
    assert_eq!(refused(stage.run(&[])).code, 2);
    assert_eq!(refused(stage.run(&["--pull=Never"])).code, 2);
    assert_eq!(stage.verify(&["--pull=Never"]).code, 1);
    let out = bench.work().join("exported.wasm");
    assert_eq!(refused(bench.ours(&["phase", "export", &stage.reference(), text(&out)])).code, 2);
    assert!(!out.exists());
    // It is not lost: both keys have signed it now.
    stage.does(Deed::Sign(By::Other, Format::Sig));
    let said = stage.run(&["--pull=Always"]).ok();
    assert!(said.stderr.contains("signed by next (sha256:"), "{}", said.stderr);
    stage.trust(TEAM);
    stage.run(&["--pull=Never"]).ok();
}

fn archive(bench: &Bench) {
    let stage = signed(bench, Format::Bundle);
    stage.does(Deed::Sign(By::Release, Format::Sig));
    let (reference, tar) = (stage.reference(), bench.work().join("phase.tar"));
    bench.ours(&["phase", "save", &reference, text(&tar), "--plain-http"]).ok();
    bench.ours(&["phase", "remove", &reference]).ok();
    stage.has_kept_nothing(None);
    let load = |more: &[&str]| bench.ours(&[&["phase", "load", text(&tar)], more].concat());
    stage.trust(STRICTER);
    assert_eq!(load(&[]).refused("it is not signed by any of the keys").code, 2);
    stage.has_kept_nothing(None);
    stage.trust(TEAM);
    // The name that it gets is the name that it is judged by.
    assert_eq!(load(&["--name", &stage.proxy.reference("team-evil/phase:1")]).refused("no rule in ").code, 2);
    stage.has_kept_nothing(None);
    // An archive without its signatures is one of something unsigned.
    let said = load(&[]).ok();
    assert!(said.stderr.contains("signed by release (sha256:"), "{}", said.stderr);
    assert_eq!(stage.kept(), [stage.reference()]);
    drop(stage.registry);
    assert_eq!(bench.ours(&["phase", "verify", &reference, "--pull=Never"]).code, 0);
}

/// What oras copies, from a registry or from an archive, has its bundles beside it. The rule is for the place that it is fetched from.
fn copies(bench: &Bench) {
    let stage = signed(bench, Format::Bundle);
    let (from, tar) = (stage.registry.reference("team/phase:1"), bench.work().join("phase.tar"));
    bench.ours(&["phase", "save", &stage.reference(), text(&tar), "--plain-http"]).ok();
    let layout = bench.work().join("layout");
    std::fs::create_dir(&layout).unwrap();
    Said::by(&mut bench.command("tar", &["-xf", text(&tar), "-C", text(&layout)])).ok();
    let layout = format!("{}:1", text(&layout));
    let copy = |from: &[&str], name: &str| {
        let to = stage.registry.reference(name);
        bench.oras(&[&["copy", "-r", "--no-tty", "--to-plain-http"], from, &[&to]].concat()).ok();
        bench.ours(&["phase", "verify", &stage.proxy.reference(name), "--plain-http"])
    };
    assert_eq!(copy(&["--from-plain-http", &from], "team/copy:1").code, 0);
    assert_eq!(copy(&["--from-oci-layout", &layout], "team/archive:1").code, 0);
    assert_eq!(copy(&["--from-plain-http", &from], "team-evil/copy:1").code, 1);
}

/// A registry that sends byte by byte is waited for, and nothing is kept meanwhile.
fn slow(bench: &Bench) {
    let stage = signed(bench, Format::Bundle);
    let gate = Gate::new();
    stage.proxy.begin(vec![Rule::each("GET", "/manifests/sha256-", Fault::Slow(gate.clone()))]);
    let mut pull = bench.command("ours", &["phase", "pull", &stage.reference(), "--plain-http"]);
    let pull = pull.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    stage.proxy.wait_for(&gate, 20);
    stage.has_kept_nothing(None);
    gate.release();
    let output = pull.wait_with_output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    assert_eq!(stage.kept(), [stage.reference()]);
}

fn file(bench: &Bench) {
    let path = bench.file("phase.wasm", PHASE);
    let bundle = bench.sign_blob(bench.tools().keys(), &path);
    let keys = [bench.tools().keys(), bench.tools().other_keys()].map(|keys| text(&keys.public).to_owned());
    let verify = |more: &[&str]| bench.ours(&[&["phase", "verify", text(&path)], more].concat());
    let policy = format!("keys: [{{name: release, file: {}}}]\nrules: [{{prefix: \"file:\", keys: [release]}}]\n", keys[0]);
    bench.trust(&policy);
    let said = verify(&[]).ok();
    assert!(said.stdout.contains("signed by release (sha256:") && said.stdout.contains("the rule for file: in "), "{said:?}");
    assert_eq!(verify(&["--key", &keys[0]]).code, 0);
    assert_eq!(verify(&["--key", &keys[1], "--key", &keys[0]]).code, 0);
    assert_eq!(verify(&["--key", &keys[1]]).code, 1);
    assert_eq!(verify(&["--key", &keys[0], "--bundle", text(&bundle)]).code, 0);
    assert_eq!(verify(&["--key", "gone.pub"]).code, 2);
    assert_eq!(verify(&["--bundle", "gone.json"]).code, 2);
    let run = || bench.ours(&["plan", "--phase", text(&path), "--against=empty", "--control-plane-endpoint=a.b:6443"]);
    // It is trusted, and was granted nothing.
    assert!(run().stderr.contains("signed by release (sha256:"));
    let mut other = PHASE.to_vec();
    other[1000] = !other[1000];
    bench.file("phase.wasm", other);
    let said = verify(&[]);
    assert!(said.code == 1 && said.stdout.contains("the signature is for another file"), "{said:?}");
    assert_eq!(run().refused("the signature is for another file").code, 2);
    std::fs::remove_file(&bundle).unwrap();
    let said = verify(&[]);
    assert!(said.code == 1 && said.stdout.contains("it is not signed"), "{said:?}");
    assert!(said.stderr.contains("FILE.sigstore.json"), "{said:?}");
    std::fs::remove_file(&path).unwrap();
    assert_eq!(verify(&[]).code, 2);
}

fn document(bench: &Bench) {
    let stage = signed(bench, Format::Bundle);
    let read = |said: &Said| -> Value { serde_json::from_str(&said.stdout).unwrap() };
    let said = read(&stage.verify(&["-o", "json"]).ok());
    assert_eq!((&said["kind"], &said["trusted"]), (&"PhaseVerification".into(), &true.into()));
    assert_eq!((&said["digest"], &said["signer"]["key"]), (&stage.digest.as_str().into(), &"release".into()));
    assert_eq!(said["rule"], stage.filled("HOST/team"));
    stage.trust(STRICTER);
    let refused = stage.verify(&["-o", "json"]);
    assert_eq!((refused.code, &read(&refused)["trusted"]), (1, &false.into()));
    let key = text(&bench.tools().keys().public).to_owned();
    assert_eq!(stage.verify(&["--key", &key]).code, 0);
}
