//! Which keys are accepted.

use super::made::{Pair, pem};
use crate::trust::{Key, KeyError};

/// `openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-384`, the public half.
const P384: &str = include_str!("p384.pub");
/// `openssl genpkey -algorithm ed25519`, the public half.
const ED25519: &str = include_str!("ed25519.pub");

#[test]
fn only_one_public_key_of_p_256_is_taken() {
    let (pair, other) = (Pair::new(), Pair::new());
    let (good, info) = (pair.pem(), pair.info());
    let name = || "release".to_owned();
    let with = |at: usize, byte: u8| {
        let mut changed = info.clone();
        changed[at] = byte;
        pem("PUBLIC KEY", &changed)
    };
    let short = [&info[..26], &[2], &info[27..59]].concat();
    for (text, expected) in [
        (String::new(), KeyError::NotPem(name())),
        ("release".to_owned(), KeyError::NotPem(name())),
        (good.replace("-----END PUBLIC KEY-----", ""), KeyError::NotPem(name())),
        (good.replace("MFk", "M!k"), KeyError::NotPem(name())),
        (format!("{good}{good}"), KeyError::Several(name())),
        (format!("{good}{}", other.pem()), KeyError::Several(name())),
        (format!("{good}-----BEGIN PUBLIC KEY-----\n"), KeyError::NotPem(name())),
        (pem("ENCRYPTED SIGSTORE PRIVATE KEY", b"{}"), KeyError::Private(name())),
        (pem("ENCRYPTED COSIGN PRIVATE KEY", b"{}"), KeyError::Private(name())),
        (pem("EC PRIVATE KEY", b"x"), KeyError::Private(name())),
        (format!("{good}{}", pem("PRIVATE KEY", b"x")), KeyError::Private(name())),
        (pem("CERTIFICATE", &info), KeyError::OtherLabel(name())),
        (pem("EC PUBLIC KEY", &info), KeyError::OtherLabel(name())),
        (pem("PUBLIC KEY", b""), KeyError::NotAKey(name())),
        (pem("PUBLIC KEY", &info[..90]), KeyError::NotAKey(name())),
        (pem("PUBLIC KEY", &[info.as_slice(), b"x"].concat()), KeyError::NotAKey(name())),
        (P384.to_owned(), KeyError::OtherAlgorithm(name())),
        (ED25519.to_owned(), KeyError::OtherAlgorithm(name())),
        // Another curve, another algorithm, a point in another form.
        (with(22, 8), KeyError::OtherAlgorithm(name())),
        (with(12, 9), KeyError::OtherAlgorithm(name())),
        (with(26, 2), KeyError::OtherAlgorithm(name())),
        (pem("PUBLIC KEY", &shortened(&short)), KeyError::OtherAlgorithm(name())),
    ] {
        assert_eq!(Key::parse("release", &text).map(|key| key.signer()), Err(expected), "{text}");
    }
    assert!(Key::parse("release", &format!("a comment\n{good}\n")).is_ok());
}

/// A SubjectPublicKeyInfo with lengths that match a compressed point.
fn shortened(info: &[u8]) -> Vec<u8> {
    let mut info = info.to_vec();
    info[1] = 0x39;
    info[24] = 0x22;
    info
}

#[test]
fn a_key_has_one_name() {
    let (pair, other) = (Pair::new().pem(), Pair::new().pem());
    let texts = [("a", pair.as_str()), ("b", other.as_str())];
    assert_eq!(Key::parse_all(texts).unwrap().len(), 2);
    let twice = Key::parse_all([texts[0], texts[1], ("c", pair.as_str())]);
    assert_eq!(twice.map(|keys| keys.len()), Err(KeyError::Twice("a".to_owned(), "c".to_owned())));
}
