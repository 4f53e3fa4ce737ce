//! The result of checking a candidate with a key.

use std::fmt;

/// A key with a valid signature over exactly the requested artifact or file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Signer {
    /// The name of the key, as the operator gave it.
    pub key: String,
    /// `sha256:<hex>` of its SubjectPublicKeyInfo.
    pub fingerprint: String,
}

impl fmt::Display for Signer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} ({})", self.key, self.fingerprint)
    }
}

/// Why a candidate is not a valid signature. It contains no text of the candidate, which anyone could have written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Unsigned {
    /// So many candidates that checking them would let others waste our time.
    #[error("it has more than {0} signatures")]
    TooMany(usize),
    /// Larger than any signature.
    #[error("the signature is larger than {0} bytes")]
    TooLarge(usize),
    /// Not JSON, or with trailing text or a duplicate key, which two parsers could read differently.
    #[error("{0} is not valid JSON, or has duplicate keys or trailing data")]
    NotJson(&'static str),
    /// JSON of another structure.
    #[error("{0} lacks required fields")]
    OtherShape(&'static str),
    /// A bundle of another version, or not a bundle.
    #[error("the bundle is not of the media type `{0}`")]
    MediaType(&'static str),
    /// A keyless bundle with a short-lived certificate, whose subject would have to be judged.
    #[error("it is signed with a certificate (keyless), but only keys are supported")]
    Keyless,
    /// A bundle that does not have exactly one content.
    #[error("the bundle must have exactly one content")]
    Contents,
    /// A bundle over a file where one over an artifact is required, or vice versa.
    #[error("the bundle is not {0}")]
    OtherContent(&'static str),
    /// An envelope that does not have exactly one signature.
    #[error("the envelope must have exactly one signature")]
    Signatures,
    /// Not padded base64 without other characters.
    #[error("{0} is not base64")]
    NotBase64(&'static str),
    /// Not signed by any of the keys.
    #[error("it is not signed by any of the keys")]
    UnknownKey,
    /// Signed, but as another payload type.
    #[error("the signed content does not have the payload type `{0}`")]
    PayloadType(&'static str),
    /// Signed, but not a signature statement: cosign attestations have an older type.
    #[error("the signed content is an attestation or something else, not a signature (its type is not `{0}`)")]
    StatementType(&'static str),
    /// Signed, but an attestation: stating how an artifact was built is not permission to run it.
    #[error("the signed content is an attestation or something else, not a signature (its predicate type is not `{0}`)")]
    PredicateType(&'static str),
    /// Signed, but for another subject: a signature that was moved.
    #[error("the signature is for another artifact")]
    OtherSubject,
    /// The digest in a bundle over a file does not match the file.
    #[error("the signature is for another file")]
    OtherFile,
}
