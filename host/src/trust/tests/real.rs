//! Signatures made by the real cosign; `golden/README.md` describes how.

use crate::trust::{Candidate, Key, Signer, Unsigned, blob_signers, signers};
use kubephase_core::digest::Digest;

macro_rules! golden {
    ($name:literal) => {
        include_bytes!(concat!("../golden/", $name)).as_slice()
    };
}

fn key() -> Key {
    Key::parse("release", std::str::from_utf8(golden!("cosign.pub")).unwrap()).unwrap()
}

fn digest() -> Digest {
    Digest::parse(std::str::from_utf8(golden!("digest")).unwrap()).unwrap()
}

fn simple() -> Candidate {
    let signature = std::str::from_utf8(golden!("payload.sig")).unwrap().to_owned();
    Candidate::Simple { payload: golden!("payload.json").to_vec(), signature }
}

fn release() -> Signer {
    // openssl pkey -pubin -in cosign.pub -outform DER | sha256sum
    let fingerprint = "sha256:5adaac186d878fbf1033d996fbe38ac15f8660d538a992ffeb84fd6c737e39d0".to_owned();
    Signer { key: "release".to_owned(), fingerprint }
}

#[test]
fn both_formats_are_signatures_and_an_attestation_is_none() {
    let bundle = Candidate::Bundle(golden!("bundle.json").to_vec());
    let attestation = Candidate::Bundle(golden!("attestation.json").to_vec());
    let found = signers(&[key()], &digest(), &[attestation, bundle, simple()]);
    assert_eq!(found, [Err(Unsigned::StatementType("https://in-toto.io/Statement/v1")), Ok(release()), Ok(release())]);
}

#[test]
fn a_file_has_its_own_bundle() {
    let (file, bundle) = (golden!("file.wasm"), golden!("file.wasm.sigstore.json"));
    assert_eq!(blob_signers(&[key()], file, bundle), Ok(release()));
    let artifact = "one over an artifact";
    assert_eq!(signers(&[key()], &digest(), &[Candidate::Bundle(bundle.to_vec())]), [Err(Unsigned::OtherContent(artifact))]);
    assert_eq!(blob_signers(&[key()], file, golden!("bundle.json")), Err(Unsigned::OtherContent("one over a file")));
    assert_eq!(blob_signers(&[key()], b"\0asm\r\0\x01\x01", bundle), Err(Unsigned::OtherFile));
}

/// Changing any byte makes the signature invalid, except for bytes without meaning: whitespace, and the key hint.
#[test]
fn a_flipped_bit_is_no_signature() {
    let said_nothing = |bytes: &[u8], at: usize| {
        let text = std::str::from_utf8(bytes).unwrap();
        let hint = text.find("\"hint\"").unwrap()..text.find("}}").unwrap();
        bytes[at] == b' ' || hint.contains(&at)
    };
    for bytes in [golden!("bundle.json"), golden!("file.wasm.sigstore.json")] {
        for at in 0..bytes.len() {
            let mut changed = bytes.to_vec();
            changed[at] ^= 1;
            let found = signers(&[key()], &digest(), &[Candidate::Bundle(changed.clone())]);
            let is_good = found[0].is_ok() || blob_signers(&[key()], golden!("file.wasm"), &changed).is_ok();
            assert!(!is_good || said_nothing(bytes, at), "{at}");
        }
    }
    let Candidate::Simple { payload, signature } = simple() else { unreachable!() };
    for at in 0..payload.len() {
        let mut payload = payload.clone();
        payload[at] ^= 1;
        assert!(signers(&[key()], &digest(), &[Candidate::Simple { payload, signature: signature.clone() }])[0].is_err(), "{at}");
    }
    for length in 0..golden!("bundle.json").len() {
        let cut = Candidate::Bundle(golden!("bundle.json")[..length].to_vec());
        assert!(signers(&[key()], &digest(), &[cut])[0].is_err(), "{length}");
    }
}
