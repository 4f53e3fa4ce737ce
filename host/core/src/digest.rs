//! Digests of components, inputs and plans.

use crate::name::shortened;
use sha2::{Digest as _, Sha256};
use std::fmt;

/// A text that is no digest.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("digest `{}` is not valid: must be `sha256:` and 64 lower case hexadecimal digits", shortened(.0))]
pub struct InvalidDigest(String);

/// `sha256:<hex>`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Digest(String);

impl Digest {
    /// The digest of some bytes.
    #[must_use]
    pub fn of(bytes: &[u8]) -> Self {
        let hex: String = Sha256::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect();
        Self(format!("sha256:{hex}"))
    }

    /// Checks a digest. One has one spelling, so that two are equal if their texts are.
    ///
    /// # Errors
    /// [`InvalidDigest`] for other algorithms, other lengths and capitals.
    pub fn parse(text: &str) -> Result<Self, InvalidDigest> {
        let is_hex = |hex: &str| hex.len() == 64 && hex.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f'));
        let is_digest = text.strip_prefix("sha256:").is_some_and(is_hex);
        is_digest.then(|| Self(text.to_owned())).ok_or_else(|| InvalidDigest(text.to_owned()))
    }

    /// The hexadecimal digits alone.
    #[must_use]
    pub fn hex(&self) -> &str {
        self.0.strip_prefix("sha256:").unwrap_or(&self.0)
    }
}

impl fmt::Display for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}
