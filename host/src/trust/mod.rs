//! Signatures: which keys signed an artifact or a file. What follows from that is decided in [`kubephase_core::trust`].
//!
//! No network and no clock is involved: a key is valid until the operator removes it from the policy. Of cosign's formats, those
//! made with a key are supported: bundles of cosign 3, simple signing payloads of cosign 2, and bundles of `sign-blob`.

mod bundle;
mod key;
mod simple;
#[cfg(test)]
mod tests;
mod unique;

pub use key::{Key, KeyError};
pub use kubephase_core::trust::{Candidate, Signer, Unsigned};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use kubephase_core::digest::Digest;

/// The maximum size of a candidate, bytes. Real ones have two thousand.
pub const MOST_BYTES: usize = 1024 * 1024;
/// The maximum number of candidates: write access beside an artifact must not allow unbounded work.
pub const MOST_CANDIDATES: usize = 64;

/// The result for each candidate of an artifact whose manifest has this digest: its signer, or why it is not a signature of it.
/// If there are more than [`MOST_CANDIDATES`], none is examined, and that is the only result.
#[must_use]
pub fn signers(keys: &[Key], digest: &Digest, candidates: &[Candidate]) -> Vec<Result<Signer, Unsigned>> {
    if candidates.len() > MOST_CANDIDATES {
        return vec![Err(Unsigned::TooMany(MOST_CANDIDATES))];
    }
    let signer = |candidate: &Candidate| match candidate {
        Candidate::Bundle(bytes) => bundle::of_artifact(keys, digest, short(bytes)?),
        Candidate::Simple { payload, signature } => {
            simple::of_artifact(keys, digest, short(payload)?, short(signature.as_bytes()).map(|_| signature)?)
        }
    };
    candidates.iter().map(signer).collect()
}

/// The signer of a file, by a bundle made with `cosign sign-blob --bundle`.
///
/// # Errors
/// [`Unsigned`] if the bundle is not a signature of these bytes by one of the keys.
pub fn blob_signers(keys: &[Key], bytes: &[u8], bundle: &[u8]) -> Result<Signer, Unsigned> {
    bundle::of_file(keys, bytes, short(bundle)?)
}

const fn short(bytes: &[u8]) -> Result<&[u8], Unsigned> {
    if bytes.len() > MOST_BYTES { Err(Unsigned::TooLarge(MOST_BYTES)) } else { Ok(bytes) }
}

/// The key that signed a message.
fn signed_by(keys: &[Key], message: &[u8], signature: &[u8]) -> Result<Signer, Unsigned> {
    keys.iter().find(|key| key.is_signature(message, signature)).map(Key::signer).ok_or(Unsigned::UnknownKey)
}

/// Base64 with padding, and no other characters: a value has exactly one encoding.
fn decoded(what: &'static str, text: &str) -> Result<Vec<u8>, Unsigned> {
    STANDARD.decode(text).map_err(|_| Unsigned::NotBase64(what))
}
