//! Signatures: what counts as one, and what reading them costs.

use super::admission::mutated;
use super::dice::Dice;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use kubectl_bootstrap_token::trust::{Candidate, Key, blob_signers, signers};
use kubephase_core::digest::Digest;
use ring::rand::SystemRandom;
use ring::signature::{ECDSA_P256_SHA256_ASN1_SIGNING, EcdsaKeyPair, KeyPair as _};
use serde_json::{Value, json};
use std::sync::OnceLock;

/// A key that signs whatever the fuzzer wants, so that what stands behind the signature is reached too.
struct Signing {
    pair: EcdsaKeyPair,
    random: SystemRandom,
    key: Key,
    pem: String,
}

const INFO: &[u8] = b"\x30\x59\x30\x13\x06\x07\x2a\x86\x48\xce\x3d\x02\x01\x06\x08\x2a\x86\x48\xce\x3d\x03\x01\x07\x03\x42\x00";
const PAYLOAD_TYPE: &str = "application/vnd.in-toto+json";
const FILE: &[u8] = b"file";

fn signing() -> &'static Signing {
    static SIGNING: OnceLock<Signing> = OnceLock::new();
    SIGNING.get_or_init(|| {
        let random = SystemRandom::new();
        let document = EcdsaKeyPair::generate_pkcs8(&ECDSA_P256_SHA256_ASN1_SIGNING, &random).unwrap();
        let pair = EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_ASN1_SIGNING, document.as_ref(), &random).unwrap();
        let info = STANDARD.encode([INFO, pair.public_key().as_ref()].concat());
        let pem = format!("-----BEGIN PUBLIC KEY-----\n{info}\n-----END PUBLIC KEY-----\n");
        Signing { key: Key::parse("release", &pem).unwrap(), pair, random, pem }
    })
}

impl Signing {
    fn sign(&self, message: &[u8]) -> String {
        STANDARD.encode(self.pair.sign(&self.random, message).unwrap())
    }

    fn bundle(&self, payload_type: &str, payload: &[u8]) -> Vec<u8> {
        let head = format!("DSSEv1 {} {payload_type} {} ", payload_type.len(), payload.len());
        let signature = self.sign(&[head.as_bytes(), payload].concat());
        let envelope =
            json!({ "payload": STANDARD.encode(payload), "payloadType": payload_type, "signatures": [{ "sig": signature }] });
        of_key(json!({ "dsseEnvelope": envelope }))
    }

    fn file(&self) -> Vec<u8> {
        let digest = STANDARD.encode(ring::digest::digest(&ring::digest::SHA256, FILE));
        let message = json!({ "messageDigest": { "algorithm": "SHA2_256", "digest": digest }, "signature": self.sign(FILE) });
        of_key(json!({ "messageSignature": message }))
    }
}

fn of_key(mut content: Value) -> Vec<u8> {
    content["mediaType"] = json!("application/vnd.dev.sigstore.bundle.v0.3+json");
    content["verificationMaterial"] = json!({ "publicKey": { "hint": "x" } });
    content.to_string().into()
}

fn statement(digest: &Digest) -> Vec<u8> {
    let subject = json!([{ "digest": { "sha256": digest.hex() } }]);
    let (kind, predicate) = ("https://in-toto.io/Statement/v1", "https://sigstore.dev/cosign/sign/v1");
    json!({ "_type": kind, "predicateType": predicate, "subject": subject, "predicate": {} }).to_string().into()
}

fn payload(digest: &Digest) -> Vec<u8> {
    let image = json!({ "docker-manifest-digest": digest.to_string() });
    json!({ "critical": { "type": "cosign container image signature", "image": image } }).to_string().into()
}

/// Makes candidates of the bytes: as they are; good ones with bytes changed after they were signed; and payloads with bytes changed before,
/// signed by the key itself. Whatever it is:
///
/// * nothing panics;
/// * what nobody signed is not accepted, and what was signed is accepted only if a second reader finds the right words in it, each once;
/// * a signature of an artifact is none of a file, and the other way round, and none of another artifact.
pub fn signatures(data: &[u8]) {
    let mut dice = Dice::new(data);
    let (signing, digest) = (signing(), Digest::of(b"manifest"));
    match dice.number(6) {
        0 => {
            let bytes = dice.rest();
            // Nobody signed it, whatever it is.
            assert!(!is_signed(&Candidate::Bundle(bytes.clone()), &digest));
            assert!(!is_signed(&Candidate::Simple { payload: bytes.clone(), signature: STANDARD.encode(&bytes) }, &digest));
            assert!(blob_signers(std::slice::from_ref(&signing.key), FILE, &bytes).is_err());
        }
        1 => {
            let bundle = mutated(&mut dice, signing.bundle(PAYLOAD_TYPE, &statement(&digest)));
            check(&Candidate::Bundle(bundle), &digest);
        }
        2 => {
            let payload = mutated(&mut dice, statement(&digest));
            check(&Candidate::Bundle(signing.bundle(PAYLOAD_TYPE, &payload)), &digest);
        }
        3 => {
            let payload = mutated(&mut dice, payload(&digest));
            let signature = signing.sign(&payload);
            check(&Candidate::Simple { payload, signature }, &digest);
        }
        4 => {
            let good = payload(&digest);
            let signature = String::from_utf8_lossy(&mutated(&mut dice, signing.sign(&good).into())).into_owned();
            check(&Candidate::Simple { payload: mutated(&mut dice, good), signature }, &digest);
        }
        5 => {
            let bundle = mutated(&mut dice, signing.file());
            assert!(!is_signed(&Candidate::Bundle(bundle.clone()), &digest));
            if blob_signers(std::slice::from_ref(&signing.key), FILE, &bundle).is_ok() {
                assert!(blob_signers(std::slice::from_ref(&signing.key), b"other", &bundle).is_err());
            }
        }
        _ => {
            let pem = String::from_utf8_lossy(&mutated(&mut dice, signing.pem.clone().into())).into_owned();
            // A changed text can be the same key, or another one by which nothing is signed.
            let is_same = |key: Key| key.signer().fingerprint == signing.key.signer().fingerprint;
            if !Key::parse("release", &pem).is_ok_and(is_same) {
                let candidate = Candidate::Bundle(signing.bundle(PAYLOAD_TYPE, &statement(&digest)));
                let keys: Vec<Key> = Key::parse("release", &pem).into_iter().collect();
                assert!(signers(&keys, &digest, &[candidate])[0].is_err());
            }
        }
    }
}

fn is_signed(candidate: &Candidate, digest: &Digest) -> bool {
    signers(std::slice::from_ref(&signing().key), digest, std::slice::from_ref(candidate))[0].is_ok()
}

/// What is accepted says the right thing to a second reader, who takes the last of two keys as the first one takes none.
fn check(candidate: &Candidate, digest: &Digest) {
    if !is_signed(candidate, digest) {
        return;
    }
    assert!(!is_signed(candidate, &Digest::of(b"other")));
    let file = if let Candidate::Bundle(bundle) = candidate { bundle.as_slice() } else { b"" };
    assert!(blob_signers(std::slice::from_ref(&signing().key), FILE, file).is_err());
    let (payload, words) = match candidate {
        Candidate::Simple { payload, .. } => (payload.clone(), ["/critical/type", "/critical/image/docker-manifest-digest"]),
        Candidate::Bundle(bytes) => {
            let bundle: Value = serde_json::from_slice(bytes).unwrap();
            let envelope = bundle.get("dsseEnvelope").or_else(|| bundle.get("dsse_envelope")).unwrap();
            (STANDARD.decode(envelope["payload"].as_str().unwrap()).unwrap(), ["/_type", "/predicateType"])
        }
    };
    let said: Value = serde_json::from_slice(&payload).unwrap();
    let expected = match candidate {
        Candidate::Simple { .. } => ["cosign container image signature".to_owned(), digest.to_string()],
        Candidate::Bundle(_) => ["https://in-toto.io/Statement/v1", "https://sigstore.dev/cosign/sign/v1"].map(str::to_owned),
    };
    let alias = |word: &str| if word == "/predicateType" { "/predicate_type" } else { "/-" }.to_owned();
    for (word, expected) in words.iter().zip(expected) {
        let found = said.pointer(word).or_else(|| said.pointer(&alias(word)));
        assert_eq!(found.and_then(Value::as_str), Some(expected.as_str()), "{word}");
    }
    if let Some(subjects) = said["subject"].as_array() {
        assert!(subjects.iter().any(|subject| subject["digest"]["sha256"] == digest.hex()));
    }
}
