//! Files of ours: each is written as a whole or not at all, and is the user's alone if it is no report.

use std::io::{self, Write as _};
use std::path::Path;

/// Writes a file that nobody else may read (0600).
///
/// # Errors
/// What the operating system says, above all if there is no such folder.
pub fn write_private(path: &Path, text: &str) -> io::Result<()> {
    write_whole(&tempfile::Builder::new(), path, text.as_bytes())
}

/// Writes a file that others may read as far as the user's mask lets them (0666): a report, for whoever collects it.
///
/// # Errors
/// What the operating system says, above all if there is no such folder.
pub fn write_shared(path: &Path, text: &str) -> io::Result<()> {
    write_shared_bytes(path, text.as_bytes())
}

/// The same for a file that is no text.
///
/// # Errors
/// As [`write_shared`].
pub fn write_shared_bytes(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let mut builder = tempfile::Builder::new();
    #[cfg(unix)]
    builder.permissions(std::os::unix::fs::PermissionsExt::from_mode(0o666));
    write_whole(&builder, path, bytes)
}

fn write_whole(builder: &tempfile::Builder<'_, '_>, path: &Path, bytes: &[u8]) -> io::Result<()> {
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or_else(|| Path::new("."));
    let mut file = builder.tempfile_in(folder)?;
    file.write_all(bytes)?;
    file.as_file().sync_all()?;
    file.persist(path).map_err(|error| error.error)?;
    Ok(())
}

/// Makes a folder of ours that nobody else may look into (0700), if it is not there.
///
/// # Errors
/// What the operating system says.
pub fn create_private(folder: &Path) -> io::Result<()> {
    let mut builder = std::fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(folder)
}
