//! Writes the plugin's files: atomically, and private to the user except for reports. Only a regular file is ever replaced; a
//! device, a pipe, or the target of a link is written into.

mod folder;
#[cfg(test)]
mod tests;

pub use folder::{FolderRefusal, check_file, check_private, create_private};
use std::fs::{Metadata, OpenOptions};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

/// The file of this program, to start it again; `None` if the system does not tell.
#[must_use]
pub fn program() -> Option<PathBuf> {
    // The link points to this program even if its file has been replaced.
    let link = Path::new("/proc/self/exe");
    if link.exists() { Some(link.to_owned()) } else { std::env::current_exe().ok() }
}

/// Standard output as the name of a file, as in kubectl.
const STDOUT: &str = "-";

/// Who may read a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Readers {
    /// The user only (0600).
    Owner,
    /// As the user's umask allows (0666).
    Mask,
}

/// Whether a path means standard output.
#[must_use]
pub fn is_stdout(path: &Path) -> bool {
    path == Path::new(STDOUT)
}

/// Writes a file that only the user may read (0600).
///
/// # Errors
/// The error of the operating system, typically that the folder does not exist; and an error for a link or a pipe of another
/// user, a dangling link, and a folder.
pub fn write_private(path: &Path, text: &str) -> io::Result<()> {
    write(path, text.as_bytes(), Readers::Owner)
}

/// Like [`write_private`], for a file that is not text.
///
/// # Errors
/// Like [`write_private`].
pub fn write_private_bytes(path: &Path, bytes: &[u8]) -> io::Result<()> {
    write(path, bytes, Readers::Owner)
}

/// Writes a file that others may read as the user's umask allows (0666): a report.
///
/// # Errors
/// Like [`write_private`].
pub fn write_shared(path: &Path, text: &str) -> io::Result<()> {
    write_shared_bytes(path, text.as_bytes())
}

/// Like [`write_shared`], for a file that is not text.
///
/// # Errors
/// Like [`write_private`].
pub fn write_shared_bytes(path: &Path, bytes: &[u8]) -> io::Result<()> {
    write(path, bytes, Readers::Mask)
}

/// Whether a file could be written now: before something is done whose only result is in it.
///
/// # Errors
/// Like [`write_private`], but for a full disk.
pub fn try_write(path: &Path) -> io::Result<()> {
    if is_stdout(path) {
        return Ok(());
    }
    match std::fs::symlink_metadata(path) {
        Ok(there) if !there.is_file() => target_of(path).map(drop),
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
        Ok(_) | Err(_) => {
            std::fs::metadata(folder_of(path))?;
            tempfile::NamedTempFile::new_in(folder_of(path)).map(drop).map_err(|error| of_system(&error))
        }
    }
}

/// Removes a file that the plugin wrote; anything but a regular file existed before, and stays.
///
/// # Errors
/// The error of the operating system.
pub fn remove(path: &Path) -> io::Result<()> {
    if std::fs::symlink_metadata(path)?.is_file() { std::fs::remove_file(path) } else { Ok(()) }
}

fn write(path: &Path, bytes: &[u8], readers: Readers) -> io::Result<()> {
    if is_stdout(path) {
        return io::stdout().write_all(bytes);
    }
    match std::fs::symlink_metadata(path) {
        Ok(there) if !there.is_file() || folder::stream(&there).is_some() => write_into(path, &there, bytes, readers),
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
        Ok(_) | Err(_) => replace(path, bytes, readers),
    }
}

fn folder_of(path: &Path) -> &Path {
    path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or_else(|| Path::new("."))
}

fn replace(path: &Path, bytes: &[u8], readers: Readers) -> io::Result<()> {
    let folder = folder_of(path);
    // tempfile does not hand on the words of the operating system.
    std::fs::metadata(folder)?;
    #[cfg_attr(not(unix), expect(unused_mut, reason = "the mode of files is unix's"))]
    let mut builder = tempfile::Builder::new();
    #[cfg(unix)]
    if readers == Readers::Mask {
        builder.permissions(std::os::unix::fs::PermissionsExt::from_mode(0o666));
    }
    let mut file = builder.tempfile_in(folder).map_err(|error| of_system(&error))?;
    if readers == Readers::Owner {
        folder::owner_alone(file.path(), 0o600)?;
    }
    file.write_all(bytes)?;
    file.as_file().sync_all()?;
    file.persist(path).map_err(|error| error.error)?;
    Ok(())
}

/// The error of the operating system in one that names the temporary file, which nobody asked for.
fn of_system(error: &io::Error) -> io::Error {
    let inner = error.get_ref().and_then(|named| named.source()).and_then(|source| source.downcast_ref::<io::Error>());
    let number = error.raw_os_error().or_else(|| inner.and_then(io::Error::raw_os_error));
    number.map_or_else(|| io::Error::from(error.kind()), io::Error::from_raw_os_error)
}

/// What something that is not a regular file leads to; it must be there and no folder.
fn target_of(path: &Path) -> io::Result<Metadata> {
    let target = std::fs::metadata(path).map_err(|error| match error.kind() {
        io::ErrorKind::NotFound => io::Error::new(error.kind(), "it is a link to a file that does not exist"),
        _ => error,
    })?;
    if target.is_dir() { Err(io::ErrorKind::IsADirectory.into()) } else { Ok(target) }
}

/// Writes into an existing file that is not a regular one. `there` is the metadata of the path itself, even of a link.
fn write_into(path: &Path, there: &Metadata, bytes: &[u8], readers: Readers) -> io::Result<()> {
    let target = target_of(path)?;
    // Standard output has its own position, and opening the same file again would start at its beginning.
    if let Some(mut stream) = folder::stream(&target) {
        return stream.write_all(bytes);
    }
    // Another user who can place a link or a pipe here could read the plugin's files, or have others overwritten.
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

/// Locks a file of ours until what is returned is dropped, so that no second process works with what is beside it.
///
/// # Errors
/// [`io::ErrorKind::WouldBlock`] if another process has it, and the error of the operating system.
#[expect(clippy::disallowed_types, reason = "a file of ours, of which nothing is read")]
pub fn lock(path: &Path) -> io::Result<Lock> {
    let file = std::fs::File::open(path)?;
    file.try_lock().map_err(|error| match error {
        std::fs::TryLockError::WouldBlock => io::Error::new(io::ErrorKind::WouldBlock, "another process uses it"),
        std::fs::TryLockError::Error(error) => error,
    })?;
    Ok(Lock { _file: file })
}

/// What [`lock`] returns.
#[derive(Debug)]
#[expect(clippy::disallowed_types, reason = "a file of ours, of which nothing is read")]
pub struct Lock {
    _file: std::fs::File,
}

/// Makes a folder, and those that it is in, unless it is there.
///
/// # Errors
/// The error of the operating system.
pub fn make_folder(folder: &Path) -> io::Result<()> {
    std::fs::create_dir_all(folder)
}

/// The files in a folder and in those below it, in the order of their paths.
///
/// # Errors
/// The error of the operating system, also for a link to nothing.
pub fn files_below(folder: &Path) -> io::Result<Vec<PathBuf>> {
    let (mut folders, mut paths) = (vec![folder.to_owned()], Vec::new());
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(&folder)? {
            let entry = entry?;
            // A link to a folder could lead back.
            if entry.file_type()?.is_dir() {
                folders.push(entry.path());
            } else if std::fs::metadata(entry.path())?.is_file() {
                paths.push(entry.path());
            }
        }
    }
    paths.sort();
    Ok(paths)
}

/// Writes files to a folder that is empty or missing, all of them or none. Others may read them as the user's umask allows.
///
/// # Errors
/// The error of the operating system, typically that the folder is not empty.
pub fn write_folder(folder: &Path, files: &[(PathBuf, String)]) -> io::Result<()> {
    let is_there = match std::fs::read_dir(folder).map(|mut entries| entries.next().is_none()) {
        Ok(true) => true,
        Ok(false) => return Err(io::Error::new(io::ErrorKind::DirectoryNotEmpty, "the folder is not empty")),
        Err(error) if error.kind() == io::ErrorKind::NotFound => false,
        Err(error) => return Err(error),
    };
    // An existing empty folder is kept, because it may be the working directory of a shell: the files are made in it.
    let beside = folder.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or_else(|| Path::new("."));
    if !beside.is_dir() {
        return Err(io::Error::new(io::ErrorKind::NotFound, format!("there is no folder `{}`", beside.display())));
    }
    #[cfg_attr(not(unix), expect(unused_mut, reason = "the mode of folders is unix's"))]
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

/// Moves the contents of a folder to its parent; if one cannot be moved, moves all of them back.
fn move_up(stage: &Path, folder: &Path) -> io::Result<()> {
    let entries = std::fs::read_dir(stage)?.map(|entry| Ok(entry?.file_name())).collect::<io::Result<Vec<_>>>()?;
    for (count, name) in entries.iter().enumerate() {
        if let Err(error) = std::fs::rename(stage.join(name), folder.join(name)) {
            for name in entries.iter().take(count) {
                // The first error is the one to report.
                let _ = std::fs::rename(folder.join(name), stage.join(name));
            }
            return Err(error);
        }
    }
    Ok(())
}
