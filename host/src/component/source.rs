//! The bytes of a component: those of the official phase, which is part of this program, or those of somebody else's.

use kubephase_core::digest::Digest;
use std::io::{self, Read as _};
use std::ops::Deref;
use std::path::Path;

/// The official phase.
static WASM: &[u8] = include_bytes!(env!("PHASE_WASM"));

/// The bytes of a component.
#[derive(Debug, Clone)]
pub enum ComponentBytes {
    /// Those of the official phase.
    Embedded,
    /// Those of a file or an artifact.
    Foreign(Vec<u8>),
}

impl Deref for ComponentBytes {
    type Target = [u8];

    fn deref(&self) -> &[u8] {
        match self {
            Self::Embedded => WASM,
            Self::Foreign(bytes) => bytes,
        }
    }
}

impl ComponentBytes {
    /// Reads a file: at most one byte more than `limit`, which is enough to see that it is too large.
    ///
    /// # Errors
    /// The error of the file system.
    pub fn read(path: &Path, limit: u64) -> io::Result<Self> {
        let mut bytes = Vec::new();
        #[expect(clippy::disallowed_types, reason = "the file of --phase")]
        let file = std::fs::File::open(path)?;
        file.take(limit.saturating_add(1)).read_to_end(&mut bytes)?;
        Ok(Self::Foreign(bytes))
    }

    /// The digest; that of the official phase is known.
    #[must_use]
    pub fn digest(&self) -> Digest {
        match self {
            Self::Embedded => Digest::parse(env!("PHASE_DIGEST")).unwrap_or_else(|| Digest::of(WASM)),
            Self::Foreign(bytes) => Digest::of(bytes),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{ComponentBytes, Digest, WASM};

    #[test]
    fn the_build_found_the_digest() {
        assert_eq!(ComponentBytes::Embedded.digest(), Digest::of(WASM));
    }
}
