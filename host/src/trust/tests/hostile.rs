//! Breaks each rule once.

use super::made::{Pair, base64, candidate, payload, statement};
use crate::trust::{Candidate, MOST_BYTES, Unsigned, blob_signers, signers};
use kubephase_core::digest::Digest;
use serde_json::{Value, json};

/// The value with the field at this pointer set; its parent must exist.
fn with(value: &Value, pointer: &str, new: Value) -> Value {
    let mut value = value.clone();
    let (parent, field) = pointer.rsplit_once('/').unwrap();
    match value.pointer_mut(parent).unwrap() {
        Value::Array(items) => items.push(new),
        parent => drop(parent.as_object_mut().unwrap().insert(field.to_owned(), new)),
    }
    value
}

/// The value without the field at this pointer.
fn without(value: &Value, pointer: &str) -> Value {
    let mut value = value.clone();
    let (parent, field) = pointer.rsplit_once('/').unwrap();
    value.pointer_mut(parent).unwrap().as_object_mut().unwrap().remove(field).unwrap();
    value
}

fn digest() -> Digest {
    Digest::of(b"manifest")
}

const PAYLOAD_TYPE: Unsigned = Unsigned::PayloadType("application/vnd.in-toto+json");
const STATEMENT_TYPE: Unsigned = Unsigned::StatementType("https://in-toto.io/Statement/v1");
const PREDICATE_TYPE: Unsigned = Unsigned::PredicateType("https://sigstore.dev/cosign/sign/v1");
const MEDIA_TYPE: Unsigned = Unsigned::MediaType("application/vnd.dev.sigstore.bundle.v0.3+json");
const BUNDLE: Unsigned = Unsigned::OtherShape("the bundle");
const NOT_JSON: Unsigned = Unsigned::NotJson("the bundle");

fn check(release: &Pair, candidate: &Candidate, expected: Unsigned, name: &str) {
    let found = signers(&[release.key("release")], &digest(), std::slice::from_ref(candidate));
    assert_eq!(found, [Err(expected)], "{name}");
}

/// Bundles with an unsigned change.
#[test]
fn a_bundle_that_was_changed() {
    let (release, other) = (Pair::new(), Pair::new());
    let good = release.bundle(&statement(&digest()));
    assert_eq!(
        signers(&[other.key("other"), release.key("release")], &digest(), &[candidate(&good)]),
        [Ok(release.key("release").signer())]
    );
    let foreign = other.bundle(&statement(&digest()));
    for (name, bundle, expected) in [
        ("another key", foreign.clone(), Unsigned::UnknownKey),
        (
            "the hint of a key says nothing",
            with(&foreign, "/verificationMaterial/publicKey", json!({ "hint": "release" })),
            Unsigned::UnknownKey,
        ),
        ("no media type", without(&good, "/mediaType"), BUNDLE),
        ("another media type", with(&good, "/mediaType", json!("application/json")), MEDIA_TYPE),
        ("version 0.1", with(&good, "/mediaType", json!("application/vnd.dev.sigstore.bundle+json;version=0.1")), MEDIA_TYPE),
        ("version 0.2", with(&good, "/mediaType", json!("application/vnd.dev.sigstore.bundle+json;version=0.2")), MEDIA_TYPE),
        ("version 0.4", with(&good, "/mediaType", json!("application/vnd.dev.sigstore.bundle.v0.4+json")), MEDIA_TYPE),
        ("no material", without(&good, "/verificationMaterial"), BUNDLE),
        ("material of nothing", with(&good, "/verificationMaterial", json!({})), BUNDLE),
        ("a certificate", with(&good, "/verificationMaterial/certificate", json!({ "rawBytes": "" })), Unsigned::Keyless),
        ("certificates", with(&good, "/verificationMaterial/x509CertificateChain", json!({})), Unsigned::Keyless),
        (
            "certificates by their other name",
            with(&good, "/verificationMaterial/x509_certificate_chain", json!({})),
            Unsigned::Keyless,
        ),
        ("two contents", with(&good, "/messageSignature", release.file(b"x")["messageSignature"].clone()), Unsigned::Contents),
        (
            "two contents, one by its other name",
            with(&good, "/message_signature", release.file(b"x")["messageSignature"].clone()),
            Unsigned::Contents,
        ),
        ("one content by two names", with(&good, "/dsse_envelope", foreign["dsseEnvelope"].clone()), BUNDLE),
        ("no content", without(&good, "/dsseEnvelope"), Unsigned::Contents),
        ("a list", json!([good]), BUNDLE),
        ("null", Value::Null, BUNDLE),
    ] {
        check(&release, &candidate(&bundle), expected, name);
    }
}

/// Envelopes with an unsigned change.
#[test]
fn an_envelope_that_was_changed() {
    let release = Pair::new();
    let good = release.bundle(&statement(&digest()));
    let signature = good.pointer("/dsseEnvelope/signatures/0").unwrap().clone();
    let sig = |text: &str| with(&good, "/dsseEnvelope/signatures", json!([{ "sig": text }]));
    let encoded = signature["sig"].as_str().unwrap();
    // Two characters of the last four, which need padding. A signature has no fixed length.
    let unpadded = encoded.get(..(encoded.len() / 4 - 1) * 4 + 2).unwrap();
    for (name, bundle, expected) in [
        ("no signature", with(&good, "/dsseEnvelope/signatures", json!([])), Unsigned::Signatures),
        ("two signatures", with(&good, "/dsseEnvelope/signatures/-", signature.clone()), Unsigned::Signatures),
        ("no list of signatures", without(&good, "/dsseEnvelope/signatures"), BUNDLE),
        ("an empty signature", sig(""), Unsigned::UnknownKey),
        ("a cut signature", sig(&base64(b"0E")), Unsigned::UnknownKey),
        ("a signature that is no base64", sig("!"), Unsigned::NotBase64("the signature")),
        ("a signature without padding", sig(unpadded), Unsigned::NotBase64("the signature")),
        ("a signature with a line break", sig(&format!("{encoded}\n")), Unsigned::NotBase64("the signature")),
        ("a payload that is no base64", with(&good, "/dsseEnvelope/payload", json!("{}")), Unsigned::NotBase64("the payload")),
        ("another payload", with(&good, "/dsseEnvelope/payload", json!(base64(b"{}"))), Unsigned::UnknownKey),
        ("another payload type", with(&good, "/dsseEnvelope/payloadType", json!("text/plain")), Unsigned::UnknownKey),
    ] {
        check(&release, &candidate(&bundle), expected, name);
    }
}

/// Bundles signed with the right key, over something else.
#[test]
fn a_bundle_of_another_thing() {
    let release = Pair::new();
    let good = statement(&digest());
    let other = Digest::of(b"other");
    let subjects = |subjects: Value| with(&good, "/subject", subjects);
    let shape = Unsigned::OtherShape("what is signed");
    for (name, statement, expected) in [
        ("an attestation", with(&good, "/predicateType", json!("https://slsa.dev/provenance/v1")), PREDICATE_TYPE),
        (
            "an attestation of cosign",
            with(&good, "/predicateType", json!("https://cosign.sigstore.dev/attestation/v1")),
            PREDICATE_TYPE,
        ),
        (
            "a predicate type that goes on",
            with(&good, "/predicateType", json!("https://sigstore.dev/cosign/sign/v1x")),
            PREDICATE_TYPE,
        ),
        ("an old statement", with(&good, "/_type", json!("https://in-toto.io/Statement/v0.1")), STATEMENT_TYPE),
        ("no statement type", without(&good, "/_type"), shape),
        ("no predicate type", without(&good, "/predicateType"), shape),
        ("a predicate type by two names", with(&good, "/predicate_type", json!("x")), shape),
        ("no subject", without(&good, "/subject"), shape),
        ("an empty subject", subjects(json!([])), Unsigned::OtherSubject),
        ("a signature that was moved", subjects(json!([{ "digest": { "sha256": other.hex() } }])), Unsigned::OtherSubject),
        ("a digest by another algorithm", subjects(json!([{ "digest": { "sha512": digest().hex() } }])), Unsigned::OtherSubject),
        (
            "the start of a digest",
            subjects(json!([{ "digest": { "sha256": digest().hex().get(..63) } }])),
            Unsigned::OtherSubject,
        ),
        (
            "a digest in capitals",
            subjects(json!([{ "digest": { "sha256": digest().hex().to_uppercase() } }])),
            Unsigned::OtherSubject,
        ),
        (
            "a digest with its algorithm",
            subjects(json!([{ "digest": { "sha256": digest().to_string() } }])),
            Unsigned::OtherSubject,
        ),
        ("a name instead of a digest", subjects(json!([{ "name": digest().hex(), "digest": {} }])), Unsigned::OtherSubject),
        ("a payload of cosign 2", payload(&digest()), shape),
    ] {
        check(&release, &candidate(&release.bundle(&statement)), expected, name);
    }
    // One matching subject is enough.
    let several = subjects(json!([{ "digest": { "sha256": other.hex() } }, { "digest": { "sha256": digest().hex() } }]));
    assert!(signers(&[release.key("release")], &digest(), &[candidate(&release.bundle(&several))])[0].is_ok());
}

/// Envelopes signed with the right key, over a text that is not a statement.
#[test]
fn an_envelope_of_another_text() {
    let release = Pair::new();
    let good = statement(&digest());
    let text = good.to_string();
    let repeated = text.replacen('{', "{\"predicateType\":\"https://slsa.dev/provenance/v1\",", 1);
    let escaped = text.replacen('{', "{\"\\u005ftype\":\"x\",", 1);
    let signed = Unsigned::NotJson("what is signed");
    for (name, payload_type, payload, expected) in [
        ("another payload type", "application/json", text.clone(), PAYLOAD_TYPE),
        ("no payload type", "", text.clone(), PAYLOAD_TYPE),
        ("a key twice", "application/vnd.in-toto+json", repeated, signed),
        ("a key twice, once escaped", "application/vnd.in-toto+json", escaped, signed),
        ("something behind it", "application/vnd.in-toto+json", format!("{text} {{}}"), signed),
        ("no JSON", "application/vnd.in-toto+json", "x".to_owned(), signed),
        ("nested too deep", "application/vnd.in-toto+json", "[".repeat(10_000), signed),
    ] {
        check(&release, &candidate(&release.envelope(payload_type, payload.as_bytes())), expected, name);
    }
}

/// Texts that are not a single JSON value with unique keys.
#[test]
fn a_bundle_that_can_be_read_in_two_ways() {
    let release = Pair::new();
    let good = release.bundle(&statement(&digest())).to_string();
    let large = format!("{good}{}", " ".repeat(MOST_BYTES));
    for (name, text, expected) in [
        ("nothing", String::new(), NOT_JSON),
        ("something behind it", format!("{good}x"), NOT_JSON),
        ("another one behind it", format!("{good}\n{good}"), NOT_JSON),
        ("a mark before it", format!("\u{feff}{good}"), NOT_JSON),
        ("cut", good.get(..good.len() - 1).unwrap().to_owned(), NOT_JSON),
        ("a key twice", good.replacen('{', "{\"mediaType\":\"x\",", 1), NOT_JSON),
        ("a key twice below", good.replacen("\"payload\"", "\"payload\":\"\",\"payload\"", 1), NOT_JSON),
        ("a key twice that we do not read", good.replacen('{', "{\"x\":1,\"x\":1,", 1), NOT_JSON),
        ("too large", large, Unsigned::TooLarge(MOST_BYTES)),
    ] {
        check(&release, &Candidate::Bundle(text.into()), expected, name);
    }
    // Unknown fields are allowed once.
    let more = good.replacen('{', "{\"x\":{\"y\":[1,-2,1.5,null,true]},", 1);
    assert!(signers(&[release.key("release")], &digest(), &[Candidate::Bundle(more.into())])[0].is_ok());
    let many: Vec<Candidate> = std::iter::repeat_n(Candidate::Bundle(good.into()), 65).collect();
    assert_eq!(signers(&[release.key("release")], &digest(), &many), [Err(Unsigned::TooMany(64))]);
    assert_eq!(signers(&[release.key("release")], &digest(), &many[1..]).len(), 64);
}

#[test]
fn a_simple_payload() {
    let (release, other) = (Pair::new(), Pair::new());
    let good = payload(&digest());
    let text = good.to_string();
    assert!(signers(&[release.key("release")], &digest(), &[release.simple(&text)])[0].is_ok());
    let repeated = text.replacen("\"docker-manifest-digest\"", "\"docker-manifest-digest\":\"\",\"docker-manifest-digest\"", 1);
    let moved = payload(&Digest::of(b"other"));
    let signed = |payload: &Value| release.simple(&payload.to_string());
    let (Candidate::Simple { payload: bytes, signature }, shape) =
        (release.simple(&text), Unsigned::OtherShape("what is signed"))
    else {
        unreachable!()
    };
    let changed =
        |payload: &[u8], signature: &str| Candidate::Simple { payload: payload.to_vec(), signature: signature.to_owned() };
    for (name, candidate, expected) in [
        ("another key", other.simple(&text), Unsigned::UnknownKey),
        (
            "another type",
            signed(&with(&good, "/critical/type", json!("x"))),
            Unsigned::PayloadType("cosign container image signature"),
        ),
        ("no type", signed(&without(&good, "/critical/type")), shape),
        ("no digest", signed(&without(&good, "/critical/image/docker-manifest-digest")), shape),
        ("a signature that was moved", signed(&moved), Unsigned::OtherSubject),
        (
            "a digest without its algorithm",
            signed(&with(&good, "/critical/image/docker-manifest-digest", json!(digest().hex()))),
            Unsigned::OtherSubject,
        ),
        (
            "a digest that is optional",
            signed(&with(&moved, "/optional", json!({ "docker-manifest-digest": digest().to_string() }))),
            Unsigned::OtherSubject,
        ),
        ("a statement of cosign 3", signed(&statement(&digest())), shape),
        ("a key twice", release.simple(&repeated), Unsigned::NotJson("what is signed")),
        ("something behind it", release.simple(&format!("{text}x")), Unsigned::NotJson("what is signed")),
        ("another payload", changed(b"{}", &signature), Unsigned::UnknownKey),
        ("a blank more", changed(&[bytes.as_slice(), b" "].concat(), &signature), Unsigned::UnknownKey),
        ("no signature", changed(&bytes, ""), Unsigned::UnknownKey),
        ("no base64", changed(&bytes, "-"), Unsigned::NotBase64("the signature")),
        ("a long signature", changed(&bytes, &"A".repeat(MOST_BYTES + 4)), Unsigned::TooLarge(MOST_BYTES)),
        ("a long payload", release.simple(&format!("{text}{}", " ".repeat(MOST_BYTES))), Unsigned::TooLarge(MOST_BYTES)),
    ] {
        check(&release, &candidate, expected, name);
    }
    // The signature of an envelope is not one of its payload, and vice versa.
    let envelope = release.bundle(&good);
    let sig = envelope.pointer("/dsseEnvelope/signatures/0/sig").unwrap().as_str().unwrap().to_owned();
    check(&release, &changed(&bytes, &sig), Unsigned::UnknownKey, "the signature of an envelope");
}

#[test]
fn a_file() {
    let (release, other) = (Pair::new(), Pair::new());
    let good = release.file(b"file");
    let digest = |algorithm: Value, digest: &str| {
        with(&good, "/messageSignature/messageDigest", json!({ "algorithm": algorithm, "digest": digest }))
    };
    let encoded = good.pointer("/messageSignature/messageDigest/digest").unwrap().as_str().unwrap();
    let sha512 = base64(ring::digest::digest(&ring::digest::SHA512, b"file").as_ref());
    for (name, bundle, expected) in [
        ("another key", other.file(b"file"), Unsigned::UnknownKey),
        ("another file", release.file(b"other"), Unsigned::OtherFile),
        (
            "the signature of another file",
            with(&good, "/messageSignature/signature", release.file(b"other")["messageSignature"]["signature"].clone()),
            Unsigned::UnknownKey,
        ),
        ("another algorithm", digest(json!("SHA2_512"), &sha512), Unsigned::OtherFile),
        ("no algorithm", digest(Value::Null, encoded), BUNDLE),
        ("no digest", with(&good, "/messageSignature/messageDigest", json!({})), BUNDLE),
        ("another digest", digest(json!("SHA2_256"), &base64(b"x")), Unsigned::OtherFile),
        ("a digest that is no base64", digest(json!("SHA2_256"), "x"), Unsigned::NotBase64("the digest")),
        ("no signature", without(&good, "/messageSignature/signature"), BUNDLE),
        ("a certificate", with(&good, "/verificationMaterial/certificate", json!({})), Unsigned::Keyless),
        ("another version", with(&good, "/mediaType", json!("application/vnd.dev.sigstore.bundle+json;version=0.3")), MEDIA_TYPE),
        ("what cosign 2 wrote", json!({ "base64Signature": "", "cert": "", "rekorBundle": null }), BUNDLE),
        ("an artifact's", release.bundle(&statement(&Digest::of(b"file"))), Unsigned::OtherContent("one over a file")),
    ] {
        assert_eq!(blob_signers(&[release.key("release")], b"file", bundle.to_string().as_bytes()), Err(expected), "{name}");
    }
    let long = vec![b' '; MOST_BYTES + 1];
    assert_eq!(blob_signers(&[release.key("release")], b"file", &long), Err(Unsigned::TooLarge(MOST_BYTES)));
    assert_eq!(blob_signers(&[], b"file", good.to_string().as_bytes()), Err(Unsigned::UnknownKey));
    assert!(blob_signers(&[release.key("release")], b"file", good.to_string().as_bytes()).is_ok());
}
