//! Where the bytes of a component come from.
#![expect(clippy::disallowed_types, reason = "the one place that reads component files")]

use std::borrow::Cow;
use std::fs::File;
use std::io::Read as _;
use std::path::{Path, PathBuf};

/// The official phase, built by `build.rs`.
const EMBEDDED: &[u8] = include_bytes!(env!("PHASE_WASM"));

/// Which component to run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Source {
    /// The official phase.
    Embedded,
    /// A file.
    File(PathBuf),
}

/// A component that could not be read.
#[derive(Debug, thiserror::Error)]
pub enum SourceError {
    /// The file could not be read.
    #[error("cannot read phase `{}`", .path.display())]
    Read {
        /// The file.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// The file is too big to be looked at.
    #[error("phase `{}` is larger than {limit} bytes, the limit", .path.display())]
    TooLarge {
        /// The file.
        path: PathBuf,
        /// The limit, bytes.
        limit: usize,
    },
}

impl Source {
    /// The bytes, at most `limit` of them.
    ///
    /// # Errors
    /// [`SourceError`] for a file that cannot be read or is larger; at most one byte over the limit is read.
    pub fn read(&self, limit: usize) -> Result<Cow<'static, [u8]>, SourceError> {
        match self {
            Self::Embedded => Ok(Cow::Borrowed(EMBEDDED)),
            Self::File(path) => read_file(path, limit).map(Cow::Owned),
        }
    }
}

fn read_file(path: &Path, limit: usize) -> Result<Vec<u8>, SourceError> {
    let failed = |source| SourceError::Read { path: path.to_owned(), source };
    let mut bytes = Vec::new();
    let most = u64::try_from(limit).unwrap_or(u64::MAX).saturating_add(1);
    File::open(path).map_err(failed)?.take(most).read_to_end(&mut bytes).map_err(failed)?;
    if bytes.len() > limit {
        return Err(SourceError::TooLarge { path: path.to_owned(), limit });
    }
    Ok(bytes)
}
