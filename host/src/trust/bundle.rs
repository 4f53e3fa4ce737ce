//! Sigstore bundles, version 0.3, signed with a key (`sigstore/protobuf-specs`, `sigstore_bundle.proto`): over an artifact as an
//! in-toto statement in a DSSE envelope, over a file as a plain signature.
//!
//! The signed contents are parsed only after the signature was verified: before, they are untrusted.

use super::key::Key;
use super::{Signer, Unsigned, decoded, signed_by, unique};
use kubephase_core::digest::Digest;
use serde::Deserialize;
use serde::de::IgnoredAny;
use std::collections::BTreeMap;

const MEDIA_TYPE: &str = "application/vnd.dev.sigstore.bundle.v0.3+json";
const PAYLOAD_TYPE: &str = "application/vnd.in-toto+json";
const STATEMENT_TYPE: &str = "https://in-toto.io/Statement/v1";
/// The predicate type of `cosign sign`. `cosign attest` writes others, and `cosign verify` accepts them too.
const PREDICATE_TYPE: &str = "https://sigstore.dev/cosign/sign/v1";

/// The fields read of a bundle. Other readers also accept the protobuf names of the fields, so a field under both names is a
/// duplicate.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Bundle {
    #[serde(alias = "media_type")]
    media_type: String,
    #[serde(alias = "verification_material")]
    verification_material: Material,
    #[serde(alias = "dsse_envelope")]
    dsse_envelope: Option<Envelope>,
    #[serde(alias = "message_signature")]
    message_signature: Option<MessageSignature>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Material {
    /// The key hint is not signed: every key of the policy is tried.
    #[serde(alias = "public_key")]
    public_key: Option<IgnoredAny>,
    certificate: Option<IgnoredAny>,
    #[serde(alias = "x509_certificate_chain")]
    x509_certificate_chain: Option<IgnoredAny>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Envelope {
    payload: String,
    #[serde(alias = "payload_type")]
    payload_type: String,
    signatures: Vec<EnvelopeSignature>,
}

#[derive(Deserialize)]
struct EnvelopeSignature {
    sig: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct MessageSignature {
    #[serde(alias = "message_digest")]
    message_digest: MessageDigest,
    signature: String,
}

#[derive(Deserialize)]
struct MessageDigest {
    algorithm: String,
    digest: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Statement {
    #[serde(rename = "_type")]
    statement_type: String,
    #[serde(alias = "predicate_type")]
    predicate_type: String,
    subject: Vec<Subject>,
}

#[derive(Deserialize)]
struct Subject {
    digest: BTreeMap<String, String>,
}

enum Content {
    Envelope(Envelope),
    Message(MessageSignature),
}

fn content(bytes: &[u8]) -> Result<Content, Unsigned> {
    let bundle: Bundle = unique::read("the bundle", bytes)?;
    if bundle.media_type != MEDIA_TYPE {
        return Err(Unsigned::MediaType(MEDIA_TYPE));
    }
    let Material { public_key, certificate, x509_certificate_chain } = bundle.verification_material;
    if certificate.is_some() || x509_certificate_chain.is_some() {
        return Err(Unsigned::Keyless);
    }
    public_key.ok_or(Unsigned::OtherShape("the bundle"))?;
    match (bundle.dsse_envelope, bundle.message_signature) {
        (Some(envelope), None) => Ok(Content::Envelope(envelope)),
        (None, Some(message)) => Ok(Content::Message(message)),
        _ => Err(Unsigned::Contents),
    }
}

/// The signer of the artifact whose manifest has this digest.
pub(super) fn of_artifact(keys: &[Key], digest: &Digest, bytes: &[u8]) -> Result<Signer, Unsigned> {
    let Content::Envelope(envelope) = content(bytes)? else { return Err(Unsigned::OtherContent("one over an artifact")) };
    let [EnvelopeSignature { sig }] = envelope.signatures.as_slice() else { return Err(Unsigned::Signatures) };
    let payload = decoded("the payload", &envelope.payload)?;
    let signer = signed_by(keys, &authenticated(&envelope.payload_type, &payload), &decoded("the signature", sig)?)?;
    if envelope.payload_type != PAYLOAD_TYPE {
        return Err(Unsigned::PayloadType(PAYLOAD_TYPE));
    }
    let statement: Statement = unique::read("what is signed", &payload)?;
    if statement.statement_type != STATEMENT_TYPE {
        return Err(Unsigned::StatementType(STATEMENT_TYPE));
    }
    if statement.predicate_type != PREDICATE_TYPE {
        return Err(Unsigned::PredicateType(PREDICATE_TYPE));
    }
    let is_meant = |subject: &Subject| subject.digest.get("sha256").is_some_and(|hex| hex == digest.hex());
    if statement.subject.iter().any(is_meant) { Ok(signer) } else { Err(Unsigned::OtherSubject) }
}

/// The signer of a file with these bytes.
pub(super) fn of_file(keys: &[Key], file: &[u8], bytes: &[u8]) -> Result<Signer, Unsigned> {
    let Content::Message(message) = content(bytes)? else { return Err(Unsigned::OtherContent("one over a file")) };
    let MessageDigest { algorithm, digest } = &message.message_digest;
    // It is a hint for finding the right key quickly, and is not signed. A wrong one shows that the bundle belongs to another
    // file.
    let found = ring::digest::digest(&ring::digest::SHA256, file);
    if algorithm != "SHA2_256" || decoded("the digest", digest)? != found.as_ref() {
        return Err(Unsigned::OtherFile);
    }
    signed_by(keys, file, &decoded("the signature", &message.signature)?)
}

/// The signed bytes of an envelope: DSSE's pre-authentication encoding, which separates the type from the payload.
pub(super) fn authenticated(payload_type: &str, payload: &[u8]) -> Vec<u8> {
    let head = format!("DSSEv1 {} {payload_type} {} ", payload_type.len(), payload.len());
    [head.as_bytes(), payload].concat()
}
