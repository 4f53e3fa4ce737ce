//! Digests of components, inputs and plans.

use sha2::{Digest as _, Sha256};
use std::fmt;

/// The prefix of a digest; no other algorithm is supported.
const ALGORITHM: &str = "sha256:";

/// A digest in the form `sha256:<hex>`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Digest(String);

/// Computes the digest of data that arrives in pieces.
#[derive(Debug, Clone, Default)]
pub struct Hasher(Sha256);

impl Digest {
    /// The digest of some bytes.
    #[must_use]
    pub fn of(bytes: &[u8]) -> Self {
        let mut hasher = Hasher::default();
        hasher.update(bytes);
        hasher.finish()
    }

    /// Parses `sha256:` and 64 lower case hexadecimal digits, which is safe as a file name; `None` for anything else.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let hex = text.strip_prefix(ALGORITHM)?;
        let is_hex = hex.len() == 64 && hex.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'));
        is_hex.then(|| Self(text.to_owned()))
    }

    /// The hexadecimal digits alone.
    #[must_use]
    pub fn hex(&self) -> &str {
        self.0.strip_prefix(ALGORITHM).unwrap_or_default()
    }
}

impl Hasher {
    /// Adds the next piece.
    pub fn update(&mut self, piece: &[u8]) {
        self.0.update(piece);
    }

    /// The digest of all pieces.
    #[must_use]
    pub fn finish(self) -> Digest {
        let hex: String = self.0.finalize().iter().map(|byte| format!("{byte:02x}")).collect();
        Digest(format!("{ALGORITHM}{hex}"))
    }
}

impl fmt::Display for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::Digest;

    #[test]
    fn a_digest_is_one_algorithm_and_lower_case() {
        let digest = Digest::of(b"x");
        assert_eq!(Digest::parse(&digest.to_string()).as_ref(), Some(&digest));
        let hex = digest.hex();
        for text in
            [hex.to_owned(), format!("sha512:{hex}"), format!("sha256:{}", hex.to_uppercase()), format!("sha256:../{hex}")]
        {
            assert_eq!(Digest::parse(&text), None, "{text}");
        }
    }
}
