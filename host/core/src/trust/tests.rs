//! Which policies are valid, and what follows from them.

use super::{
    Demand, Grounds, Reason, Signer, TrustPlace, TrustPolicy, TrustPolicyDocument, TrustQuestion, TrustRefusal, Trusted, Unsigned,
};
use crate::digest::Digest;
use serde_json::{Value, json};

fn document() -> Value {
    json!({
        "apiVersion": "bootstrap-token.kubectl/v1alpha1", "kind": "TrustPolicy",
        "keys": [{ "name": "release", "file": "cosign.pub" }, { "name": "next", "pem": "…" }],
        "rules": [
            { "prefix": "registry.example/team", "keys": ["release", "next"] },
            { "prefix": "registry.example/team/pinned", "digests": [one().to_string()] },
            { "prefix": "registry.example/team/both", "keys": ["release"], "digests": [one().to_string()] },
            { "prefix": "registry.example/open", "requireSignature": false },
        ],
    })
}

fn one() -> Digest {
    Digest::of(b"one")
}

fn read(value: Value) -> Result<TrustPolicy, String> {
    let document: TrustPolicyDocument = serde_json::from_value(value).map_err(|error| error.to_string())?;
    document.policy("policy.yaml".to_owned()).map_err(|error| error.to_string())
}

fn changed(pointer: &str, value: Value) -> Value {
    let mut document = document();
    let (parent, field) = pointer.rsplit_once('/').unwrap();
    match document.pointer_mut(parent).unwrap() {
        Value::Array(items) => items.push(value),
        parent => drop(parent.as_object_mut().unwrap().insert(field.to_owned(), value)),
    }
    document
}

fn by(key: &str) -> Result<Signer, Unsigned> {
    Ok(Signer { key: key.to_owned(), fingerprint: format!("sha256:{key}") })
}

fn decide(
    policy: &TrustPolicy,
    place: TrustPlace<'_>,
    digest: &Digest,
    found: &[Result<Signer, Unsigned>],
) -> Result<Trusted, TrustRefusal> {
    policy.decide(TrustQuestion { place, digest, found })
}

#[test]
fn what_a_policy_may_not_say() {
    let digest = json!([one().to_string()]);
    for (pointer, value, expected) in [
        ("/kind", json!("Grant"), "it is `bootstrap-token.kubectl/v1alpha1, Grant`"),
        ("/apiVersion", json!("bootstrap-token.kubectl/v1"), "it is `bootstrap-token.kubectl/v1, TrustPolicy`"),
        ("/requireSignatures", json!(true), "unknown field `requireSignatures`"),
        ("/requireSignature", json!("no"), "invalid type: string"),
        ("/keys/0/path", json!("x"), "unknown field `path`"),
        ("/keys/0/pem", json!("x"), "the key `release` must have either `file` or `pem`"),
        ("/keys/0/pem", json!(null), "invalid type: null"),
        ("/keys/0/file", json!(""), "the key `release` must have either"),
        ("/keys/0/name", json!("Release"), "key name `Release` is not valid"),
        ("/keys/0/name", json!("next"), "there are two keys `next`"),
        ("/keys/-", json!({ "name": "bare" }), "the key `bare` must have either"),
        ("/rules/0/key", json!("release"), "unknown field `key`"),
        ("/rules/0/keys", json!(null), "invalid type: null"),
        ("/rules/0/keys", json!([]), "the rule for registry.example/team has an empty list `keys`"),
        ("/rules/1/digests", json!([]), "the rule for registry.example/team/pinned has an empty list `digests`"),
        ("/rules/0/keys", json!(["nobody"]), "the rule for registry.example/team names the key `nobody`"),
        (
            "/rules/0/requireSignature",
            json!(false),
            "the rule for registry.example/team says `requireSignature: false` but names keys",
        ),
        (
            "/rules/1/requireSignature",
            json!(true),
            "the rule for registry.example/team/pinned says `requireSignature: true` but names no keys",
        ),
        ("/rules/0/prefix", json!("registry.example/open"), "there are two rules for registry.example/open"),
        ("/rules/0/prefix", json!("registry.example/"), "prefix `registry.example/` is not valid"),
        ("/rules/0/prefix", json!("*"), "prefix `*` is not valid"),
        ("/rules/-", json!({ "prefix": "other.example" }), "the rule for other.example has neither keys nor digests"),
        ("/rules/-", json!({ "prefix": "file:" }), "the rule for file: has neither keys nor digests"),
        ("/rules/-", json!({ "keys": ["release"] }), "missing field `prefix`"),
        ("/rules/1/digests", json!(["sha512:00"]), "digest `sha512:00` is not valid"),
        ("/rules/1/digests", json!([one().to_string().to_uppercase()]), "digest `SHA256:"),
        (
            "/rules/-",
            json!({ "prefix": "registry.example/team", "digests": digest }),
            "there are two rules for registry.example/team",
        ),
    ] {
        let said = read(changed(pointer, value.clone())).unwrap_err();
        assert!(said.starts_with(expected), "{pointer} {value}: {said}");
    }
    for (pointer, value) in [
        ("/requireSignature", json!(false)),
        ("/rules/0/requireSignature", json!(true)),
        ("/rules/1/requireSignature", json!(false)),
        ("/rules/-", json!({ "prefix": "file:", "keys": ["release"] })),
    ] {
        read(changed(pointer, value)).unwrap();
    }
    let bare = read(json!({ "apiVersion": "bootstrap-token.kubectl/v1alpha1", "kind": "TrustPolicy" })).unwrap();
    assert_eq!(bare.otherwise, Demand::Signature);
}

/// A repository, the digest and its signers (`-` is a signature that was moved), and the result: a line if it is trusted, all
/// reasons if not. `TEAM` and the like stand for the rule.
#[rustfmt::skip]
const ARTIFACTS: &[(&str, &[u8], &[&str], &str)] = &[
    ("registry.example/team/a", b"one", &["release"], "yes: signed by release (sha256:release), allowed by TEAM"),
    ("registry.example/team", b"one", &["-", "next"], "yes: signed by next (sha256:next), allowed by TEAM"),
    ("registry.example/team/a", b"one", &[], "no: it is not signed: TEAM requires release or next"),
    ("registry.example/team/a", b"one", &["-", "-"], "no: it has no valid signature: the signature is for another artifact; TEAM requires release or next"),
    ("registry.example/team/a", b"one", &["other"], "no: it is signed by other (sha256:other): TEAM requires release or next"),
    ("registry.example/team/pinned", b"one", &[], "yes: pinned to ONE, allowed by PINNED"),
    ("registry.example/team/pinned/deep", b"two", &["release"], "no: its digest is TWO, which PINNED does not list"),
    ("registry.example/team/both", b"one", &["release"], "yes: signed by release (sha256:release), pinned to ONE, allowed by BOTH"),
    ("registry.example/team/both", b"one", &[], "no: it is not signed: BOTH requires release"),
    ("registry.example/team/both", b"two", &["next"], "no: it is signed by next (sha256:next): BOTH requires release; its digest is TWO, which BOTH does not list"),
    ("registry.example/open/a", b"one", &[], "yes: allowed without a signature by OPEN"),
    ("registry.example/team-evil/a", b"one", &["release"], "no: no rule in policy.yaml covers registry.example/team-evil/a"),
    ("registry.example.evil/team/a", b"one", &["release"], "no: no rule in policy.yaml covers registry.example.evil/team/a"),
];

#[test]
fn what_follows_for_an_artifact() {
    let policy = read(document()).unwrap();
    let rule = |prefix: &str| format!("the rule for registry.example/{prefix} in policy.yaml");
    for (repository, bytes, keys, expected) in ARTIFACTS {
        let signer = |key: &&str| if *key == "-" { Err(Unsigned::OtherSubject) } else { by(key) };
        let found: Vec<_> = keys.iter().map(signer).collect();
        let said = match decide(&policy, TrustPlace::Repository(repository), &Digest::of(bytes), &found) {
            Ok(trusted) => format!("yes: {trusted}"),
            Err(refusal) => format!("no: {refusal}"),
        };
        let words =
            [("TEAM", rule("team")), ("PINNED", rule("team/pinned")), ("BOTH", rule("team/both")), ("OPEN", rule("open"))];
        let digests = [("ONE", one().to_string()), ("TWO", Digest::of(b"two").to_string())];
        let expected = words.iter().chain(&digests).fold((*expected).to_owned(), |text, (word, full)| text.replace(word, full));
        assert_eq!(said, expected, "{repository}");
    }
    for repository in
        ["registry.example/team/../open/a", "registry.example/Team/a", "registry.example/open/a:1", "registry.example"]
    {
        let refusal = decide(&policy, TrustPlace::Repository(repository), &one(), &[by("release")]).unwrap_err();
        assert!(matches!(refusal.reasons.as_slice(), [Reason::Place(_)]), "{refusal}");
    }
}

#[test]
fn without_a_rule_the_policy_decides() {
    let asked = |policy: &TrustPolicy| decide(policy, TrustPlace::Repository("registry.example/a"), &one(), &[by("release")]);
    let open =
        read(json!({ "apiVersion": "bootstrap-token.kubectl/v1alpha1", "kind": "TrustPolicy", "requireSignature": false }));
    let said = asked(&open.unwrap()).unwrap().to_string();
    assert_eq!(said, "allowed without a signature, because policy.yaml says `requireSignature: false`");
    let refusal = asked(&TrustPolicy::absent(Some("/home/u/policy.yaml".to_owned()))).unwrap_err();
    assert_eq!(refusal.reasons, [Reason::NoPolicy]);
    let pin = format!("rules: [{{prefix: registry.example/a, digests: [\"{}\"]}}]", one());
    let expected = [
        "  hint: if you know who signs it, write this to /home/u/policy.yaml:",
        "apiVersion: bootstrap-token.kubectl/v1alpha1",
        "kind: TrustPolicy",
        "keys: [{name: release, file: cosign.pub}]",
        "rules: [{prefix: registry.example/a, keys: [release]}]",
        "  or, if you have reviewed this artifact, a rule for only this digest:",
        &pin,
    ];
    assert_eq!(refusal.hint, expected);
    assert!(asked(&TrustPolicy::absent(None)).unwrap_err().hint.join("\n").contains("--policy"));
}

#[test]
fn local_files_and_the_plugin_need_no_signature() {
    let policy = read(document()).unwrap();
    let absent = TrustPolicy::absent(None);
    for policy in [&policy, &absent] {
        assert_eq!(decide(policy, TrustPlace::Embedded, &one(), &[]).unwrap().grounds(), &Grounds::Embedded);
        assert_eq!(decide(policy, TrustPlace::File, &one(), &[]).unwrap().grounds(), &Grounds::LocalFile);
    }
    let strict = read(changed("/rules/-", json!({ "prefix": "file:", "keys": ["release"] }))).unwrap();
    assert_eq!(decide(&strict, TrustPlace::Embedded, &one(), &[]).unwrap().grounds(), &Grounds::Embedded);
    let refusal = decide(&strict, TrustPlace::File, &one(), &[]).unwrap_err();
    assert_eq!(refusal.to_string(), "it is not signed: the rule for file: in policy.yaml requires release");
    assert!(refusal.hint.join("").contains("FILE.sigstore.json"));
    let trusted = decide(&strict, TrustPlace::File, &one(), &[by("release")]).unwrap();
    assert_eq!(trusted.to_string(), "signed by release (sha256:release), allowed by the rule for file: in policy.yaml");
    // A rule for files does not apply to repositories, and vice versa.
    assert!(decide(&strict, TrustPlace::Repository("file.example/a"), &one(), &[by("release")]).is_err());
}

#[test]
fn keys_of_the_command_line_are_good_for_everything() {
    let policy = TrustPolicy::of_keys(vec![]);
    for place in [TrustPlace::Embedded, TrustPlace::File, TrustPlace::Repository("registry.example/a")] {
        let trusted = decide(&policy, place, &one(), &[by("cosign.pub")]).unwrap();
        assert_eq!(trusted.to_string(), "signed by cosign.pub (sha256:cosign.pub), whose key was given with --key");
        assert!(decide(&policy, place, &one(), &[]).is_err());
        assert!(decide(&policy, place, &one(), &[Err(Unsigned::UnknownKey)]).is_err());
    }
}
