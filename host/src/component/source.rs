//! Reads the bytes of a component from this binary or from a file.

use std::borrow::Cow;
use std::io::{self, Read as _};
use std::path::Path;

/// The bytes of a file, at most one more than `limit`, which is enough to see that it is too large.
///
/// # Errors
/// The error of the file system.
pub fn file(path: &Path, limit: u64) -> io::Result<Cow<'static, [u8]>> {
    let mut bytes = Vec::new();
    #[expect(clippy::disallowed_types, reason = "the file of --phase")]
    let file = std::fs::File::open(path)?;
    file.take(limit.saturating_add(1)).read_to_end(&mut bytes)?;
    Ok(Cow::Owned(bytes))
}

/// The embedded phase.
#[must_use]
pub const fn embedded() -> Cow<'static, [u8]> {
    Cow::Borrowed(include_bytes!(env!("PHASE_WASM")))
}
