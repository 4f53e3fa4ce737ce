//! Files of ours: each is written as a whole or not at all, and is the user's alone if it is no report. Only a regular file is ever
//! replaced; a device, a pipe, or what a link leads to is written into.

mod folder;
#[cfg(test)]
mod tests;

pub use folder::{FolderRefusal, check_file, check_private, create_private};
use std::fs::{Metadata, OpenOptions};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

/// Who may read a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Readers {
    /// The user alone (0600).
    Owner,
    /// Whomever the user's mask lets (0666).
    Mask,
}

/// Writes a file that nobody else may read (0600).
///
/// # Errors
/// What the operating system says, above all if there is no such folder; and for a link or a pipe of another user, a link that leads
/// nowhere, and a folder.
pub fn write_private(path: &Path, text: &str) -> io::Result<()> {
    write(path, text.as_bytes(), Readers::Owner)
}

/// Writes a file that others may read as far as the user's mask lets them (0666): a report, for whoever collects it.
///
/// # Errors
/// As [`write_private`].
pub fn write_shared(path: &Path, text: &str) -> io::Result<()> {
    write_shared_bytes(path, text.as_bytes())
}

/// The same for a file that is no text.
///
/// # Errors
/// As [`write_private`].
pub fn write_shared_bytes(path: &Path, bytes: &[u8]) -> io::Result<()> {
    write(path, bytes, Readers::Mask)
}

/// Removes a file that we wrote; what is not a regular file was there before us, and stays.
///
/// # Errors
/// What the operating system says.
pub fn remove(path: &Path) -> io::Result<()> {
    if std::fs::symlink_metadata(path)?.is_file() { std::fs::remove_file(path) } else { Ok(()) }
}

fn write(path: &Path, bytes: &[u8], readers: Readers) -> io::Result<()> {
    match std::fs::symlink_metadata(path) {
        Ok(there) if !there.is_file() || folder::stream(&there).is_some() => write_into(path, &there, bytes, readers),
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
        Ok(_) | Err(_) => replace(path, bytes, readers),
    }
}

fn replace(path: &Path, bytes: &[u8], readers: Readers) -> io::Result<()> {
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or_else(|| Path::new("."));
    let mut builder = tempfile::Builder::new();
    #[cfg(unix)]
    if readers == Readers::Mask {
        builder.permissions(std::os::unix::fs::PermissionsExt::from_mode(0o666));
    }
    let mut file = builder.tempfile_in(folder)?;
    if readers == Readers::Owner {
        folder::owner_alone(file.path(), 0o600)?;
    }
    file.write_all(bytes)?;
    file.as_file().sync_all()?;
    file.persist(path).map_err(|error| error.error)?;
    Ok(())
}

/// Writes into what is there and is not a regular file. `there` is what the path itself is, be it a link.
fn write_into(path: &Path, there: &Metadata, bytes: &[u8], readers: Readers) -> io::Result<()> {
    let target = std::fs::metadata(path).map_err(|error| match error.kind() {
        io::ErrorKind::NotFound => io::Error::new(error.kind(), "it is a link to a file that does not exist"),
        _ => error,
    })?;
    if target.is_dir() {
        return Err(io::ErrorKind::IsADirectory.into());
    }
    // Our own output has a place that it is written at, and another opening of the same file would begin at its start.
    if let Some(mut stream) = folder::stream(&target) {
        return stream.write_all(bytes);
    }
    // Whoever may put a link or a pipe where we write could have our files, or have others overwritten.
    folder::check_owner(path, there)?;
    if !target.is_file() {
        folder::check_owner(path, &target)?;
    }
    let mut file = OpenOptions::new().write(true).open(path)?;
    if !file.metadata()?.is_file() {
        return file.write_all(bytes);
    }
    if readers == Readers::Owner {
        folder::owner_alone(path, 0o600)?;
    }
    file.set_len(0)?;
    file.write_all(bytes)?;
    file.sync_all()
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
