//! Public keys, as `cosign generate-key-pair` and `openssl` write them: ECDSA P-256. cosign 3.1.3 also signs with other imported
//! keys, but then does not verify its own signatures.

use kubephase_core::digest::Digest;
use kubephase_core::trust::Signer;
use ring::signature::{ECDSA_P256_SHA256_ASN1, UnparsedPublicKey};
use std::fmt;
use x509_parser::oid_registry::{OID_EC_P256, OID_KEY_TYPE_EC_PUBLIC_KEY};
use x509_parser::prelude::{FromDer as _, Pem};
use x509_parser::x509::SubjectPublicKeyInfo;

/// An ECDSA P-256 public key, with the name that the operator gave it.
#[derive(Clone)]
pub struct Key {
    name: String,
    fingerprint: String,
    /// The point of the curve, in ring's format.
    point: Vec<u8>,
}

/// Why a text is not an accepted public key. The error never contains the text: it could be a private key.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum KeyError {
    /// Not PEM, or malformed PEM.
    #[error("the key `{0}` is not PEM")]
    NotPem(String),
    /// More than one PEM block.
    #[error("the key `{0}` has more than one PEM block")]
    Several(String),
    /// A private key.
    #[error("the key `{0}` is a private key, not a public key")]
    Private(String),
    /// Another type of PEM block.
    #[error("the key `{0}` is not a PEM block `{PUBLIC}`")]
    OtherLabel(String),
    /// A block that does not contain a key.
    #[error("the key `{0}` is not a SubjectPublicKeyInfo, or has trailing data")]
    NotAKey(String),
    /// RSA, another curve, or a point in another form.
    #[error("the key `{0}` is not an ECDSA P-256 key as cosign makes them")]
    OtherAlgorithm(String),
    /// The same key under two names; a rule may name only one of them.
    #[error("the keys `{0}` and `{1}` are the same key")]
    Twice(String, String),
}

/// The label of a public key (RFC 7468 §13).
const PUBLIC: &str = "PUBLIC KEY";

impl Key {
    /// Parses the PEM text of a public key.
    ///
    /// # Errors
    /// [`KeyError`] for private keys, certificates, several blocks, and other types of keys.
    pub fn parse(name: &str, pem: &str) -> Result<Self, KeyError> {
        let named = || name.to_owned();
        // The iterator never ends after a malformed block, so nothing after one is read.
        let blocks: Result<Vec<Pem>, _> = Pem::iter_from_buffer(pem.as_bytes()).take(2).collect();
        let blocks = blocks.map_err(|_| KeyError::NotPem(named()))?;
        let block = match blocks.as_slice() {
            [] => return Err(KeyError::NotPem(named())),
            blocks if blocks.iter().any(|block| block.label.contains("PRIVATE")) => return Err(KeyError::Private(named())),
            [block] => block,
            _ => return Err(KeyError::Several(named())),
        };
        if block.label != PUBLIC {
            return Err(KeyError::OtherLabel(named()));
        }
        let Ok((&[], info)) = SubjectPublicKeyInfo::from_der(&block.contents) else {
            return Err(KeyError::NotAKey(named()));
        };
        let point = point(&info).ok_or_else(|| KeyError::OtherAlgorithm(named()))?;
        Ok(Self { name: named(), fingerprint: Digest::of(&block.contents).to_string(), point: point.to_vec() })
    }

    /// Parses several keys, by name.
    ///
    /// # Errors
    /// Like [`Key::parse`], and if two of them are equal.
    pub fn parse_all<'a>(texts: impl IntoIterator<Item = (&'a str, &'a str)>) -> Result<Vec<Self>, KeyError> {
        let mut keys: Vec<Self> = Vec::new();
        for (name, pem) in texts {
            let key = Self::parse(name, pem)?;
            if let Some(other) = keys.iter().find(|other| other.point == key.point) {
                return Err(KeyError::Twice(other.name.clone(), key.name));
            }
            keys.push(key);
        }
        Ok(keys)
    }

    /// The key as a signer.
    #[must_use]
    pub fn signer(&self) -> Signer {
        Signer { key: self.name.clone(), fingerprint: self.fingerprint.clone() }
    }

    /// Whether the key signed this message.
    pub(super) fn is_signature(&self, message: &[u8], signature: &[u8]) -> bool {
        UnparsedPublicKey::new(&ECDSA_P256_SHA256_ASN1, &self.point).verify(message, signature).is_ok()
    }
}

/// The point of a P-256 key; `None` for other keys, and for a compressed point, which would be a second encoding of the same key.
fn point<'a>(info: &'a SubjectPublicKeyInfo<'_>) -> Option<&'a [u8]> {
    let curve = info.algorithm.parameters.as_ref()?.as_oid().ok()?;
    let point: &[u8] = &info.subject_public_key.data;
    let is_ours = info.algorithm.algorithm == OID_KEY_TYPE_EC_PUBLIC_KEY && curve == OID_EC_P256;
    (is_ours && point.len() == 65 && point.first() == Some(&4)).then_some(point)
}

impl fmt::Debug for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.signer().fmt(f)
    }
}
