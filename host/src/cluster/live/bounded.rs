//! Reads files that the user names, up to a size limit: a name may lead to an endless device.

use std::io::{Error, Read as _};
use std::path::Path;

/// The maximum size of a kubeconfig or a certificate authority, bytes.
pub(super) const MOST_BYTES: u64 = 16 << 20;

/// The bytes of a file, which may be a pipe from a shell.
///
/// # Errors
/// The error of the operating system, or one about more than [`MOST_BYTES`].
pub(super) fn read(path: &Path) -> Result<Vec<u8>, Error> {
    #[expect(clippy::disallowed_types, reason = "a kubeconfig and the files that it names")]
    let file = std::fs::File::open(path)?;
    let mut bytes = Vec::new();
    if file.take(MOST_BYTES + 1).read_to_end(&mut bytes)? as u64 > MOST_BYTES {
        return Err(Error::other(format!("it is larger than {} MiB", MOST_BYTES >> 20)));
    }
    Ok(bytes)
}
