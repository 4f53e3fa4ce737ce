//! The bytes of a component that is in this binary or in a file.

use std::borrow::Cow;
use std::io::{self, Read as _};
use std::path::Path;

/// The bytes of a file, no more than one byte over `limit`, which is enough to see that it is too large.
///
/// # Errors
/// What the file system says.
pub fn file(path: &Path, limit: u64) -> io::Result<Cow<'static, [u8]>> {
    let mut bytes = Vec::new();
    #[expect(clippy::disallowed_types, reason = "the file of --phase")]
    let file = std::fs::File::open(path)?;
    file.take(limit.saturating_add(1)).read_to_end(&mut bytes)?;
    Ok(Cow::Owned(bytes))
}

/// The official phase.
#[must_use]
pub const fn embedded() -> Cow<'static, [u8]> {
    Cow::Borrowed(include_bytes!(env!("PHASE_WASM")))
}
