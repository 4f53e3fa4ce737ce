//! What a key says of a candidate.

use std::fmt;

/// A key whose signature was found to be good, over exactly the thing that was asked for.
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

/// Why a candidate is no signature of the thing that was asked for. No text of the candidate is in it: that could be anybody's.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Unsigned {
    /// There are so many that looking at them is work for whoever put them there.
    #[error("there are more than {0} signatures beside it")]
    TooMany(usize),
    /// No signature is so long.
    #[error("the signature is larger than {0} bytes")]
    TooLarge(usize),
    /// A text that is not JSON, has something behind it, or has one key twice, so that two readers can read two things.
    #[error("{0} is not JSON with each key once and nothing behind it")]
    NotJson(&'static str),
    /// JSON of another shape.
    #[error("{0} has not the fields that it must have")]
    OtherShape(&'static str),
    /// A bundle of another version, or no bundle.
    #[error("the bundle is not of the media type `{0}`")]
    MediaType(&'static str),
    /// A bundle that is made with a certificate of a day, whose subject would have to be judged.
    #[error("it is signed with a certificate (keyless), and only keys are taken")]
    Keyless,
    /// A bundle with more than one thing in it, or nothing.
    #[error("the bundle has not exactly one content")]
    Contents,
    /// A bundle over a file where one over an artifact is wanted, or the other way round.
    #[error("the bundle is not {0}")]
    OtherContent(&'static str),
    /// An envelope with several signatures, or none.
    #[error("the envelope has not exactly one signature")]
    Signatures,
    /// Something that is not base64, with padding and nothing else.
    #[error("{0} is not base64")]
    NotBase64(&'static str),
    /// The signature is of none of the keys.
    #[error("it is signed by none of the keys")]
    UnknownKey,
    /// Signed, but as another sort of text.
    #[error("what is signed has not the payload type `{0}`")]
    PayloadType(&'static str),
    /// Signed, but another statement than signatures are: attestations by cosign are of an older type.
    #[error("what is signed is an attestation or something else, not a signature (its type is not `{0}`)")]
    StatementType(&'static str),
    /// Signed, but an attestation: whoever says how a thing was built has not said that it shall be run.
    #[error("what is signed is an attestation or something else, not a signature (its predicate type is not `{0}`)")]
    PredicateType(&'static str),
    /// Signed, but over another thing: a signature that was moved.
    #[error("what is signed is another artifact")]
    OtherSubject,
    /// The digest in a bundle over a file is not that of the file.
    #[error("what is signed is another file")]
    OtherFile,
}
