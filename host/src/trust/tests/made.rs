//! Generates keys and signatures for tests.

use crate::trust::bundle::authenticated;
use crate::trust::{Candidate, Key};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use kubephase_core::digest::Digest;
use ring::rand::SystemRandom;
use ring::signature::{ECDSA_P256_SHA256_ASN1_SIGNING, EcdsaKeyPair, KeyPair as _};
use serde_json::{Value, json};

/// A P-256 SubjectPublicKeyInfo up to the point.
const HEAD: &[u8] = b"\x30\x59\x30\x13\x06\x07\x2a\x86\x48\xce\x3d\x02\x01\x06\x08\x2a\x86\x48\xce\x3d\x03\x01\x07\x03\x42\x00";

/// A key pair.
pub(super) struct Pair {
    pair: EcdsaKeyPair,
    random: SystemRandom,
}

impl Pair {
    pub(super) fn new() -> Self {
        let random = SystemRandom::new();
        let document = EcdsaKeyPair::generate_pkcs8(&ECDSA_P256_SHA256_ASN1_SIGNING, &random).unwrap();
        let pair = EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_ASN1_SIGNING, document.as_ref(), &random).unwrap();
        Self { pair, random }
    }

    pub(super) fn info(&self) -> Vec<u8> {
        [HEAD, self.pair.public_key().as_ref()].concat()
    }

    pub(super) fn pem(&self) -> String {
        pem("PUBLIC KEY", &self.info())
    }

    pub(super) fn key(&self, name: &str) -> Key {
        Key::parse(name, &self.pem()).unwrap()
    }

    pub(super) fn signature(&self, message: &[u8]) -> Vec<u8> {
        self.pair.sign(&self.random, message).unwrap().as_ref().to_vec()
    }

    /// The bundle of an envelope with this payload.
    pub(super) fn envelope(&self, payload_type: &str, payload: &[u8]) -> Value {
        let signature = self.signature(&authenticated(payload_type, payload));
        json!({
            "mediaType": "application/vnd.dev.sigstore.bundle.v0.3+json",
            "verificationMaterial": { "publicKey": { "hint": "x" } },
            "dsseEnvelope": { "payload": base64(payload), "payloadType": payload_type, "signatures": [{ "sig": base64(&signature) }] },
        })
    }

    /// The bundle of a statement.
    pub(super) fn bundle(&self, statement: &Value) -> Value {
        self.envelope("application/vnd.in-toto+json", statement.to_string().as_bytes())
    }

    /// A simple signing payload with its signature.
    pub(super) fn simple(&self, payload: &str) -> Candidate {
        Candidate::Simple { payload: payload.into(), signature: base64(&self.signature(payload.as_bytes())) }
    }

    /// The bundle of a file.
    pub(super) fn file(&self, bytes: &[u8]) -> Value {
        let digest = ring::digest::digest(&ring::digest::SHA256, bytes);
        json!({
            "mediaType": "application/vnd.dev.sigstore.bundle.v0.3+json",
            "verificationMaterial": { "publicKey": { "hint": "x" } },
            "messageSignature": {
                "messageDigest": { "algorithm": "SHA2_256", "digest": base64(digest.as_ref()) },
                "signature": base64(&self.signature(bytes)),
            },
        })
    }
}

/// The statement that cosign 3 signs for an artifact.
pub(super) fn statement(digest: &Digest) -> Value {
    json!({
        "_type": "https://in-toto.io/Statement/v1", "predicateType": "https://sigstore.dev/cosign/sign/v1", "predicate": {},
        "subject": [{ "digest": { "sha256": digest.hex() }, "annotations": {} }],
    })
}

/// The payload that cosign 2 signs for an artifact.
pub(super) fn payload(digest: &Digest) -> Value {
    json!({ "critical": {
        "identity": { "docker-reference": "registry.example/a" }, "image": { "docker-manifest-digest": digest.to_string() },
        "type": "cosign container image signature",
    }, "optional": null })
}

pub(super) fn candidate(bundle: &Value) -> Candidate {
    Candidate::Bundle(bundle.to_string().into())
}

pub(super) fn base64(bytes: &[u8]) -> String {
    STANDARD.encode(bytes)
}

pub(super) fn pem(label: &str, bytes: &[u8]) -> String {
    format!("-----BEGIN {label}-----\n{}\n-----END {label}-----\n", base64(bytes))
}
