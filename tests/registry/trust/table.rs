//! The table: what is done, whom the operator trusts, what fails, and what is said. Each line is asked by `phase verify`, `phase pull` and a
//! run, and what was not trusted has left nothing behind.

use super::stage::{By, Deed, Part, Stage};
use crate::bench::{Bench, Said, digest};
use crate::fault::{Fault, Rule};
use crate::signing::Format;
use crate::tools::PHASE;
use crate::{Test, named};
use By::{Other, Release};
use Deed::{Attest, Crowd, Flip, Forge, Lose, Move, Sign, State, Swell};
use Format::{Bundle, Sig};
use Verdict::{Away, Broken, Trusted, Unclear, Untrusted};

/// What comes of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Verdict {
    /// It is run.
    Trusted,
    /// It is not: `phase verify` says no, and everything else fails.
    Untrusted,
    /// That cannot be told, which is an error and not a no.
    Unclear,
    /// As `Unclear`, after some attempts: one command stands for all.
    Away,
    /// It is trusted, and then its component or config is not what it should be.
    Broken,
}

/// A line of the table: a name, what is done, whom the operator trusts (none without a policy), what comes of it, and words of it.
type Line = (&'static str, &'static [Deed], Option<&'static str>, Verdict, &'static [&'static str]);

/// The key `release` is good for one team.
const TEAM: Option<&str> = Some("keys: [{name: release, file: RELEASE}]\nrules: [{prefix: \"HOST/team\", keys: [release]}]\n");
/// There is a second key, which is good for others.
const TWO: Option<&str> = Some(
    "keys: [{name: release, file: RELEASE}, {name: other, file: OTHER}]\n\
     rules: [{prefix: \"HOST/team\", keys: [release]}, {prefix: \"HOST/other\", keys: [other]}]\n",
);
/// Either key is good.
const EITHER: Option<&str> = Some(
    "keys: [{name: release, file: RELEASE}, {name: other, file: OTHER}]\n\
     rules: [{prefix: \"HOST/team\", keys: [release, other]}]\n",
);
const BY_RELEASE: &str = "signed by release (sha256:";
const BY_RULE: &str = "allowed by the rule for HOST/team in ";
const NONE_OF_THE_KEYS: &str = "it has no valid signature: it is not signed by any of the keys; the rule for HOST/team in ";
const MOVED: &str = "it has no valid signature: the signature is for another artifact; the rule for HOST/team in ";
const ATTESTED: &str = "the signed content is an attestation or something else, not a signature";
const UNSIGNED: &str = "it is not signed: the rule for HOST/team in ";
/// What is asked for when signatures are looked for, in this order.
const LOOKED_FOR: [(&str, &str); 4] =
    [("referrers", "/referrers/"), ("list", "/manifests/sha256-"), ("bundle", "/manifests/sha256:"), ("sig", ".sig")];

/// What lies there.
const LINES: &[Line] = &[
    ("bundle", &[Sign(Release, Bundle)], TEAM, Trusted, &[BY_RELEASE, BY_RULE]),
    ("sig", &[Sign(Release, Sig)], TEAM, Trusted, &[BY_RELEASE, BY_RULE]),
    ("both", &[Sign(Release, Bundle), Sign(Release, Sig)], TEAM, Trusted, &[BY_RELEASE, BY_RULE]),
    ("second_of_two_keys", &[Sign(Other, Bundle)], EITHER, Trusted, &["signed by other (sha256:", BY_RULE]),
    ("good_beside_others", &[Sign(Other, Bundle), Attest(Release), Sign(Release, Bundle)], TEAM, Trusted, &[BY_RELEASE]),
    ("good_beside_a_moved_one", &[Move(Sig), Sign(Release, Bundle)], TEAM, Trusted, &[BY_RELEASE]),
    ("sixty_four_layers", &[Sign(Release, Sig), Crowd(64, Sig)], TEAM, Trusted, &[BY_RELEASE]),
    ("sixty_four_manifests", &[Sign(Release, Bundle), Crowd(64, Bundle)], TEAM, Trusted, &[BY_RELEASE]),
    ("a_bundle_of_a_megabyte", &[Sign(Release, Bundle), Swell(1 << 20)], TEAM, Trusted, &[BY_RELEASE]),
    ("pinned", &[], Some(PINNED), Trusted, &["pinned to DIGEST, ", BY_RULE]),
    (
        "pinned_and_signed",
        &[Sign(Release, Bundle)],
        Some(PINNED_AND_SIGNED),
        Trusted,
        &[BY_RELEASE, "pinned to DIGEST, ", BY_RULE],
    ),
    ("rule_without_signature", &[], Some(ANYTHING), Trusted, &["allowed without a signature by the rule for HOST/team in "]),
    ("policy_without_signature", &[], Some("requireSignature: false\n"), Trusted, &["says `requireSignature: false`"]),
    ("longest_prefix_allows", &[], Some(LONGEST_ALLOWS), Trusted, &["by the rule for HOST/team/phase in "]),
    ("longest_prefix_refuses", &[], Some(LONGEST_REFUSES), Untrusted, &["it is not signed: the rule for HOST/team/phase in "]),
    ("wrong_key_bundle", &[Sign(Other, Bundle)], TEAM, Untrusted, &[NONE_OF_THE_KEYS]),
    ("wrong_key_sig", &[Sign(Other, Sig)], TEAM, Untrusted, &[NONE_OF_THE_KEYS]),
    (
        "key_of_another_rule_bundle",
        &[Sign(Other, Bundle)],
        TWO,
        Untrusted,
        &["it is signed by other (sha256:", "requires release"],
    ),
    ("key_of_another_rule_sig", &[Sign(Other, Sig)], TWO, Untrusted, &["it is signed by other (sha256:", "requires release"]),
    ("moved_bundle", &[Move(Bundle)], TEAM, Untrusted, &[MOVED]),
    ("moved_sig", &[Move(Sig)], TEAM, Untrusted, &[MOVED]),
    ("forged_bundle", &[Forge(Bundle)], TEAM, Untrusted, &[NONE_OF_THE_KEYS]),
    ("forged_sig", &[Forge(Sig)], TEAM, Untrusted, &[NONE_OF_THE_KEYS]),
    ("attestation_v1", &[State("https://slsa.dev/provenance/v1")], TEAM, Untrusted, &[ATTESTED]),
    ("statement_of_a_signature", &[State("https://sigstore.dev/cosign/sign/v1")], TEAM, Trusted, &[BY_RELEASE]),
    ("attestation", &[Attest(Release)], TEAM, Untrusted, &[ATTESTED]),
    (
        "attestation_and_wrong_key",
        &[Attest(Release), Sign(Other, Sig)],
        TEAM,
        Untrusted,
        &[ATTESTED, "not signed by any of the keys"],
    ),
    ("unsigned", &[], TEAM, Untrusted, &[UNSIGNED, "requires release"]),
    ("pinned_to_another", &[], Some(OTHER_PIN), Untrusted, &["its digest is DIGEST, which the rule for HOST/team in "]),
    ("signed_and_pinned_to_another", &[Sign(Release, Sig)], Some(OTHER_PIN_SIGNED), Untrusted, &["its digest is DIGEST, which "]),
    ("pinned_and_unsigned", &[], Some(PINNED_AND_SIGNED), Untrusted, &[UNSIGNED]),
    ("no_rule", &[Sign(Release, Bundle)], Some("keys: [{name: release, file: RELEASE}]\n"), Untrusted, NO_RULE),
    ("no_policy", &[Sign(Release, Bundle)], None, Untrusted, NO_POLICY),
    ("too_many_layers", &[Sign(Release, Sig), Crowd(65, Sig)], TEAM, Unclear, &["has more than 64 signatures"]),
    ("too_many_manifests", &[Sign(Release, Bundle), Crowd(65, Bundle)], TEAM, Unclear, &["has more than 64 signatures"]),
    ("too_large", &[Sign(Release, Bundle), Swell((1 << 20) + 1)], TEAM, Unclear, &["the signature has more than 1048576 bytes"]),
    ("bundle_lost", &[Sign(Release, Bundle), Lose], TEAM, Unclear, &["the registry has no `HOST/team/phase@sha256:"]),
    // This registry reads it first, and then has none.
    ("flipped_manifest", &[Sign(Release, Bundle), Flip(Part::Manifest)], TEAM, Away, &["fails with status 500"]),
    ("flipped_bundle", &[Sign(Release, Bundle), Flip(Part::Bundle)], TEAM, Unclear, &["the received signature has the digest"]),
    ("flipped_payload", &[Sign(Release, Sig), Flip(Part::Payload)], TEAM, Unclear, &["the received signature has the digest"]),
    ("flipped_config", &[Sign(Release, Bundle), Flip(Part::Config)], TEAM, Broken, &["the received config has the digest"]),
    ("flipped_layer", &[Sign(Release, Bundle), Flip(Part::Layer)], TEAM, Broken, &["the received component has the digest"]),
    ("unknown_key_in_policy", &[], Some("requireSignatures: false\n"), Unclear, &["unknown field `requireSignatures`"]),
    (
        "no_such_key",
        &[],
        Some("rules: [{prefix: \"HOST\", keys: [gone]}]\n"),
        Unclear,
        &["the key `gone`, which is not among `keys`"],
    ),
    ("key_file_missing", &[], Some("keys: [{name: gone, file: gone.pub}]\n"), Unclear, &["gone.pub`", "No such file"]),
    ("key_file_of_a_certificate", &[], Some("keys: [{name: release, pem: \"x\"}]\n"), Unclear, &["`release`"]),
    ("rule_for_everything", &[], Some("rules: [{prefix: \"HOST\"}]\n"), Unclear, &["HOST"]),
];

const PINNED: &str = "rules: [{prefix: \"HOST/team\", digests: [\"DIGEST\"]}]\n";
const PINNED_AND_SIGNED: &str = "keys: [{name: release, file: RELEASE}]\n\
    rules: [{prefix: \"HOST/team\", keys: [release], digests: [\"DIGEST\"]}]\n";
const OTHER_PIN: &str =
    "rules: [{prefix: \"HOST/team\", digests: [\"sha256:0000000000000000000000000000000000000000000000000000000000000000\"]}]\n";
const OTHER_PIN_SIGNED: &str = "keys: [{name: release, file: RELEASE}]\n\
    rules: [{prefix: \"HOST/team\", keys: [release],\n  \
    digests: [\"sha256:0000000000000000000000000000000000000000000000000000000000000000\"]}]\n";
const ANYTHING: &str = "rules: [{prefix: \"HOST/team\", requireSignature: false}]\n";
const LONGEST_ALLOWS: &str = "keys: [{name: release, file: RELEASE}]\n\
    rules: [{prefix: \"HOST/team\", keys: [release]}, {prefix: \"HOST/team/phase\", requireSignature: false}]\n";
const LONGEST_REFUSES: &str = "keys: [{name: release, file: RELEASE}]\n\
    rules: [{prefix: \"HOST/team\", requireSignature: false}, {prefix: \"HOST/team/phase\", keys: [release]}]\n";
const NO_RULE: &[&str] = &[
    "no rule in ",
    " covers HOST/team/phase",
    "rules: [{prefix: HOST/team/phase, keys: [release]}]",
    "rules: [{prefix: HOST/team/phase, digests: [\"DIGEST\"]}]",
];
const NO_POLICY: &[&str] = &[
    "only local files may be unsigned, and no policy names a trusted key",
    "apiVersion: bootstrap-token.kubectl/v1alpha1\nkind: TrustPolicy\nkeys: [{name: release, file: cosign.pub}]\n\
     rules: [{prefix: HOST/team/phase, keys: [release]}]\n",
    "rules: [{prefix: HOST/team/phase, digests: [\"DIGEST\"]}]",
];

/// A line with what fails on the way.
type Faulty = (&'static str, fn(&Stage<'_>) -> Vec<Rule>, Verdict, &'static [&'static str]);

/// What fails on the way, of an artifact that the right key signed in both formats.
const FAULTY: &[Faulty] = &[
    ("referrers_api", referrers, Trusted, &[BY_RELEASE]),
    ("referrers_api_alone", referrers_alone, Trusted, &[BY_RELEASE]),
    ("500_once", |_| lookups(|part| Rule::nth(1, "GET", part, Fault::Status(500))), Trusted, &[BY_RELEASE]),
    ("reset_once", |_| lookups(|part| Rule::nth(1, "GET", part, Fault::Reset)), Trusted, &[BY_RELEASE]),
    ("429_once", |_| vec![Rule::nth(1, "GET", "/referrers/", Fault::Status(429))], Trusted, &[BY_RELEASE]),
    ("429", |_| vec![Rule::each("GET", "/referrers/", Fault::Status(429))], Away, &["limits the rate of requests"]),
    ("404_of_all", |_| lookups(|part| Rule::each("GET", part, Fault::Status(404))), Untrusted, &[UNSIGNED]),
    ("referrers_no_list", referrers_no_list, Unclear, &["the signatures of `HOST/team/phase:1` cannot be read"]),
    ("referrers_in_pages", referrers_in_pages, Trusted, &[BY_RELEASE]),
    ("referrers_500_of_a_page", |_| second_page(500), Away, &["fails with status 500"]),
    ("referrers_404_of_a_page", |_| second_page(404), Unclear, &["a page of its list is missing"]),
    ("referrers_page_elsewhere", |_| page("http://elsewhere.example/v2/x"), Unclear, &["its next page is on another server"]),
    ("referrers_without_end", |_| page("/v2/team/phase/referrers/more"), Unclear, &["has more than 64 signatures"]),
    ("list_no_list", |_| body("/manifests/sha256-", b"<html>"), Unclear, &["the received manifest has the digest"]),
    ("list_endless", |_| vec![Rule::each("GET", "/manifests/sha256-", Fault::Endless)], Unclear, &["the manifest has more than"]),
    (
        "manifest_flipped",
        |_| vec![Rule::each("GET", "/manifests/1", Fault::Flip(20))],
        Unclear,
        &["the received manifest has the"],
    ),
    ("bundle_another", |_| body("/manifests/sha256:", b"{}"), Unclear, &["the received manifest has the digest"]),
    ("layer_cut", |stage| vec![stage.layer(Fault::Cut(1000))], Away, &["the connection to the registry"]),
    ("layer_length_too_small", |stage| vec![stage.layer(Fault::Length(1000))], Away, &["the answer is truncated"]),
    ("manifest_length_too_small", |_| length("/manifests/1", 20), Unclear, &["the received manifest has the digest"]),
    ("manifest_length_too_large", |_| length("/manifests/1", 9999), Away, &["the connection to the registry"]),
    ("list_length_too_small", |_| length("/manifests/sha256-", 20), Unclear, &["the received manifest has the digest"]),
];

pub(super) fn tests() -> Vec<Test> {
    let mut tests = vec![named("trust::table::another_team", another_team)];
    tests.extend(LINES.iter().map(|line| named(format!("trust::table::{}", line.0), move |bench| lies_there(bench, line))));
    tests.extend(FAULTY.iter().map(|line| named(format!("trust::fault::{}", line.0), move |bench| fails(bench, line))));
    tests.extend(LOOKED_FOR.map(|(name, part)| named(format!("trust::fault::500_of_{name}"), move |bench| never(bench, part))));
    tests
}

impl Stage<'_> {
    /// A fault of each answer with the component.
    fn layer(&self, fault: Fault) -> Rule {
        Rule::each("GET", digest(PHASE), fault)
    }
}

/// One rule for each way to look for signatures.
fn lookups(rule: impl Fn(&'static str) -> Rule) -> Vec<Rule> {
    LOOKED_FOR.map(|(_, part)| rule(part)).into()
}

fn body(part: &str, body: &[u8]) -> Vec<Rule> {
    vec![Rule::each("GET", part, Fault::Body(body.to_vec()))]
}

fn length(part: &str, told: usize) -> Vec<Rule> {
    vec![Rule::each("GET", part, Fault::Length(told))]
}

/// Where this registry keeps the list that one with the API makes itself.
fn list(stage: &Stage<'_>) -> String {
    format!("/v2/{}/manifests/{}", stage.repository, Format::Bundle.tag(&stage.digest))
}

/// A registry that knows what refers to what, and keeps the tag all the same.
fn referrers(stage: &Stage<'_>) -> Vec<Rule> {
    vec![Rule::each("GET", "/referrers/", Fault::Path(list(stage)))]
}

/// A registry that knows it, and so has no tags for it.
fn referrers_alone(stage: &Stage<'_>) -> Vec<Rule> {
    let mut rules = referrers(stage);
    rules.push(Rule::each("GET", "/manifests/sha256-", Fault::Status(404)));
    rules
}

/// A registry that has something else under that address.
fn referrers_no_list(stage: &Stage<'_>) -> Vec<Rule> {
    let layer = format!("/v2/{}/blobs/{}", stage.repository, digest(PHASE));
    vec![Rule::each("GET", "/referrers/", Fault::Path(layer))]
}

/// The first page of a list: nothing, and where the next one is.
fn page(next: &str) -> Vec<Rule> {
    let empty = br#"{"schemaVersion": 2, "manifests": []}"#;
    vec![Rule::each("GET", "/referrers/", Fault::Page { body: empty.to_vec(), next: next.to_owned() })]
}

/// A registry that tells one at a time what refers to it, the signature last. No tag says it.
fn referrers_in_pages(stage: &Stage<'_>) -> Vec<Rule> {
    let last = Rule::each("GET", "/referrers/last", Fault::Path(list(stage)));
    let nothing = Rule::each("GET", "/manifests/sha256-", Fault::Status(404));
    // The first rule that fits is the one that counts.
    [vec![last, nothing], page("/v2/team/phase/referrers/last?n=1")].into_iter().flatten().collect()
}

/// The second page is answered with a status.
fn second_page(status: u16) -> Vec<Rule> {
    let second = Rule::each("GET", "/referrers/last", Fault::Status(status));
    [vec![second], page("/v2/team/phase/referrers/last")].into_iter().flatten().collect()
}

fn lies_there(bench: &Bench, (_, deeds, policy, verdict, words): &Line) {
    let stage = Stage::new(bench, "team/phase");
    deeds.iter().for_each(|deed| stage.does(*deed));
    match policy {
        Some(policy) => stage.trust(policy),
        None => bench.trust_nobody(),
    }
    judged(&stage, &Vec::new, *verdict, words);
}

fn fails(bench: &Bench, (_, faults, verdict, words): &Faulty) {
    let stage = Stage::new(bench, "team/phase");
    Format::ALL.iter().for_each(|format| stage.does(Sign(Release, *format)));
    stage.trust(TEAM.unwrap());
    judged(&stage, &|| faults(&stage), *verdict, words);
}

/// A registry that cannot say whether there are signatures has not said that there are none.
fn never(bench: &Bench, part: &'static str) {
    let stage = Stage::new(bench, "team/phase");
    stage.does(Sign(Release, Bundle));
    stage.trust(TEAM.unwrap());
    let rules = || vec![Rule::each("GET", part, Fault::Status(500))];
    judged(&stage, &rules, Away, &["the registry `HOST` fails with status 500: a fault of the test"]);
}

/// A prefix is no beginning of a word.
fn another_team(bench: &Bench) {
    let stage = Stage::new(bench, "team-evil/phase");
    stage.does(Sign(Release, Bundle));
    stage.trust(TEAM.unwrap());
    judged(&stage, &Vec::new, Untrusted, &["no rule in ", " covers HOST/team-evil/phase"]);
}

/// Asks each command, with the same faults for each.
fn judged(stage: &Stage<'_>, faults: &dyn Fn() -> Vec<Rule>, verdict: Verdict, words: &[&str]) {
    let begin = |said: &dyn Fn() -> Said| {
        let rules = faults();
        let is_faulty = !rules.is_empty();
        stage.proxy.begin(rules);
        let said = said();
        assert!(!is_faulty || stage.proxy.faults() > 0, "the fault was met");
        said
    };
    let verify = if verdict == Away { None } else { Some(begin(&|| stage.verify(&[]))) };
    stage.has_kept_nothing(None);
    if let Some(said) = &verify {
        says(stage, "phase verify", said, [0, 1, 2, 2, 0][verdict as usize], if verdict == Broken { &[] } else { words });
    }
    let begun = if matches!(verdict, Away | Broken) { Some("partial") } else { None };
    for (name, command) in [("a run", &(|| stage.run(&[])) as &dyn Fn() -> Said), ("phase pull", &|| stage.pull())] {
        if verdict == Away && name == "a run" {
            continue;
        }
        let said = begin(command);
        says(stage, name, &said, if verdict == Trusted { 0 } else { 2 }, words);
        if verdict != Trusted {
            stage.has_kept_nothing(begun);
        }
        let is_no = said.stderr.contains("is not trusted") || said.stderr.contains("it is not signed");
        assert_eq!(is_no, verdict == Untrusted, "{name}: {}", said.stderr);
    }
    if verdict == Trusted {
        assert_eq!(stage.kept(), [stage.reference()]);
    }
}

/// A command ended with a code and said some words.
fn says(stage: &Stage<'_>, name: &str, said: &Said, code: i32, words: &[&str]) {
    assert_eq!(said.code, code, "{name}\n{}\n{}", said.stdout, said.stderr);
    let all = [said.stdout.as_str(), said.stderr.as_str()].concat();
    for words in words.iter().map(|words| stage.filled(words)) {
        assert!(all.contains(&words), "{name} does not say `{words}`:\n{all}");
    }
}
