//! Where the bytes of a component come from: this binary or a file.

use kubephase_core::source::Source;
use std::borrow::Cow;
use std::io::{self, Read as _};

/// The bytes of a component. Of a file no more than one byte over `limit` is read, which is enough to see that it is too large.
///
/// # Errors
/// What the file system says.
pub fn bytes(source: &Source, limit: u64) -> io::Result<Cow<'static, [u8]>> {
    match source {
        Source::Embedded => Ok(embedded()),
        Source::File(path) => {
            let mut bytes = Vec::new();
            #[expect(clippy::disallowed_types, reason = "the file of --phase")]
            let file = std::fs::File::open(path)?;
            file.take(limit.saturating_add(1)).read_to_end(&mut bytes)?;
            Ok(Cow::Owned(bytes))
        }
    }
}

/// The official phase.
#[must_use]
pub const fn embedded() -> Cow<'static, [u8]> {
    Cow::Borrowed(include_bytes!(env!("PHASE_WASM")))
}
