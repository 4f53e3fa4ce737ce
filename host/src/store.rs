//! Files of ours: each is written as a whole or not at all, and is the user's alone if it is no report.

use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

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

/// Writes files into a folder that is empty or not there, all of them or none. Others may read them as far as the user's mask lets them.
///
/// # Errors
/// What the operating system says, above all that the folder is not empty.
pub fn write_folder(folder: &Path, files: &[(PathBuf, String)]) -> io::Result<()> {
    let is_there = match std::fs::read_dir(folder).map(|mut entries| entries.next().is_none()) {
        Ok(true) => true,
        Ok(false) => return Err(io::Error::new(io::ErrorKind::DirectoryNotEmpty, "the folder is not empty")),
        Err(error) if error.kind() == io::ErrorKind::NotFound => false,
        Err(error) => return Err(error),
    };
    // An empty folder stays, since it may be where somebody's shell is: its files are made in it.
    let beside = folder.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or_else(|| Path::new("."));
    if !beside.is_dir() {
        return Err(io::Error::new(io::ErrorKind::NotFound, format!("there is no folder `{}`", beside.display())));
    }
    let mut builder = tempfile::Builder::new();
    #[cfg(unix)]
    builder.permissions(std::os::unix::fs::PermissionsExt::from_mode(0o777));
    let stage = builder.tempdir_in(if is_there { folder } else { beside })?;
    for (path, text) in files {
        let path = stage.path().join(path);
        path.parent().map_or(Ok(()), std::fs::create_dir_all)?;
        write_shared(&path, text)?;
    }
    if is_there { move_up(stage.path(), folder) } else { std::fs::rename(stage.path(), folder) }
}

/// Moves all that is in a folder into the one around it; if something cannot be moved, back.
fn move_up(stage: &Path, folder: &Path) -> io::Result<()> {
    let entries = std::fs::read_dir(stage)?.map(|entry| Ok(entry?.file_name())).collect::<io::Result<Vec<_>>>()?;
    for (count, name) in entries.iter().enumerate() {
        if let Err(error) = std::fs::rename(stage.join(name), folder.join(name)) {
            for name in entries.iter().take(count) {
                // The first error is the one to be told.
                let _ = std::fs::rename(folder.join(name), stage.join(name));
            }
            return Err(error);
        }
    }
    Ok(())
}
