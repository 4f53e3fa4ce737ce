//! The plugin's folders. Their contents are security-relevant: kept grants, the trust policy, compiled code, artifacts, and
//! values of Secrets. Each is private to the user (0700) whatever the umask, and one that another user could have filled is
//! refused, as in ssh and sudo.

use std::fs::{DirBuilder, Metadata};
use std::io;
use std::path::{Path, PathBuf};

/// The name of the plugin's folders. Their parents are up to the user.
const NAME: &str = "kubectl-bootstrap-token";

/// A file or a folder that another user could have made or changed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum FolderRefusal {
    /// It belongs to another user.
    #[error("`{}` belongs to user {owner}, but this runs as user {user}: use your own home (`sudo -H`, or set HOME)", .path.display())]
    Foreign {
        /// The path of the file or folder.
        path: PathBuf,
        /// The user id of its owner.
        owner: u32,
        /// The user id of this process.
        user: u32,
    },
    /// Other users may write to it.
    #[error("others can write to `{}`: check its content, then run `chmod go-w` on it", .path.display())]
    Writable {
        /// The path of the file or folder.
        path: PathBuf,
    },
}

impl From<FolderRefusal> for io::Error {
    fn from(refusal: FolderRefusal) -> Self {
        Self::new(io::ErrorKind::PermissionDenied, refusal)
    }
}

/// Creates a private folder of the plugin (0700), if it is missing.
///
/// # Errors
/// [`FolderRefusal`] if the folder, the plugin's folder around it, or the place to create it belongs to another user or is
/// writable by others; and the error of the operating system.
pub fn create_private(folder: &Path) -> io::Result<()> {
    for ours in ours(folder) {
        if let Err(error) = std::fs::metadata(ours) {
            if error.kind() != io::ErrorKind::NotFound {
                return Err(error);
            }
            if let Some((around, metadata)) =
                ours.ancestors().skip(1).find_map(|path| Some((path, std::fs::metadata(path).ok()?)))
            {
                check_owner(around, &metadata)?;
            }
            let mut builder = DirBuilder::new();
            builder.recursive(true);
            #[cfg(unix)]
            std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
            builder.create(ours)?;
        }
        judge(ours, &std::fs::metadata(ours)?)?;
    }
    Ok(())
}

/// Refuses a folder of the plugin that another user could have filled; removes read access of others. A missing folder is
/// accepted.
///
/// # Errors
/// Like [`create_private`].
pub fn check_private(folder: &Path) -> io::Result<()> {
    for ours in ours(folder) {
        match std::fs::metadata(ours) {
            Ok(metadata) => judge(ours, &metadata)?,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
            Err(error) => return Err(error),
        }
    }
    Ok(())
}

/// Like [`check_private`], for a file in a folder of the plugin.
///
/// # Errors
/// Like [`create_private`], and for anything but a regular file.
pub fn check_file(path: &Path) -> io::Result<()> {
    path.parent().map_or(Ok(()), check_private)?;
    match std::fs::metadata(path) {
        Ok(metadata) if !metadata.is_file() => Err(io::Error::new(io::ErrorKind::InvalidInput, "it is not a regular file")),
        Ok(metadata) => check_owner(path, &metadata).and_then(|()| check_mode(path, &metadata)),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
        Err(error) => Err(error),
    }
}

/// The folders of the plugin down to this one, the outermost first.
fn ours(folder: &Path) -> impl Iterator<Item = &Path> {
    let chain: Vec<&Path> = folder.ancestors().collect();
    let depth = chain.iter().position(|path| path.file_name().is_some_and(|name| name == NAME)).unwrap_or_default();
    chain.into_iter().take(depth + 1).rev()
}

fn judge(folder: &Path, metadata: &Metadata) -> io::Result<()> {
    if !metadata.is_dir() {
        return Err(io::ErrorKind::NotADirectory.into());
    }
    check_owner(folder, metadata)?;
    check_mode(folder, metadata)?;
    match tighten(folder, metadata) {
        // A read-only file system cannot be written to.
        Err(error) if error.kind() == io::ErrorKind::ReadOnlyFilesystem => Ok(()),
        done => done,
    }
}

#[cfg(unix)]
mod rights {
    use super::FolderRefusal;
    use std::fs::{Metadata, Permissions};
    use std::io;
    use std::os::fd::{AsFd as _, BorrowedFd};
    use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _};
    use std::path::Path;

    const ROOT: u32 = 0;

    /// The user of this process, found as the owner of a new pipe.
    #[expect(clippy::disallowed_types, reason = "a pipe, which is open already")]
    pub(in crate::store) fn user() -> io::Result<u32> {
        let (pipe, _) = io::pipe()?;
        let metadata = std::fs::File::from(std::os::fd::OwnedFd::from(pipe)).metadata()?;
        Ok(metadata.uid())
    }

    /// Refuses a file that belongs neither to the user nor to root.
    pub(in crate::store) fn check_owner(path: &Path, metadata: &Metadata) -> io::Result<()> {
        let (owner, user) = (metadata.uid(), user()?);
        if owner == user || owner == ROOT || is_mapped(path, metadata, user) {
            return Ok(());
        }
        Err(FolderRefusal::Foreign { path: path.to_owned(), owner, user }.into())
    }

    /// Whether every file that this user creates there belongs to that owner, as on NFS with mapped users.
    fn is_mapped(path: &Path, metadata: &Metadata, user: u32) -> bool {
        let folder = if metadata.is_dir() { Some(path) } else { path.parent() };
        let made = |folder| tempfile::tempfile_in(folder).and_then(|file| file.metadata());
        user != ROOT && folder.is_some_and(|folder| made(folder).is_ok_and(|made| made.uid() == metadata.uid()))
    }

    /// Refuses a file that others can write to. A group with the number of its only user counts as that user (as in Debian's
    /// ssh), and the usual umask lets it write.
    pub(super) fn check_mode(path: &Path, metadata: &Metadata) -> io::Result<()> {
        let mode = metadata.mode();
        let is_alone = metadata.gid() == metadata.uid();
        if mode & 0o002 != 0 || (mode & 0o020 != 0 && !is_alone) {
            return Err(FolderRefusal::Writable { path: path.to_owned() }.into());
        }
        Ok(())
    }

    /// Removes the rights of others from a folder of the user.
    pub(super) fn tighten(folder: &Path, metadata: &Metadata) -> io::Result<()> {
        if metadata.mode() & 0o777 == 0o700 || metadata.uid() != user()? {
            return Ok(());
        }
        owner_alone(folder, 0o700)
    }

    /// Sets a mode whatever the umask.
    pub(in crate::store) fn owner_alone(path: &Path, mode: u32) -> io::Result<()> {
        std::fs::set_permissions(path, Permissions::from_mode(mode))
    }

    /// Standard output or standard error of this process, if that is the same file.
    #[expect(clippy::disallowed_types, reason = "streams that are open already")]
    pub(in crate::store) fn stream(metadata: &Metadata) -> Option<std::fs::File> {
        let (out, err) = (io::stdout(), io::stderr());
        let same = |fd: BorrowedFd<'_>| {
            let file = std::fs::File::from(fd.try_clone_to_owned().ok()?);
            let open = file.metadata().ok()?;
            ((open.dev(), open.ino()) == (metadata.dev(), metadata.ino())).then_some(file)
        };
        same(out.as_fd()).or_else(|| same(err.as_fd()))
    }
}

#[cfg(not(unix))]
mod rights {
    use std::fs::Metadata;
    use std::io;
    use std::path::Path;

    /// On other systems a home is protected by the rights that it inherits.
    pub(in crate::store) fn check_owner(_path: &Path, _metadata: &Metadata) -> io::Result<()> {
        Ok(())
    }

    pub(super) fn check_mode(_path: &Path, _metadata: &Metadata) -> io::Result<()> {
        Ok(())
    }

    pub(super) fn tighten(_folder: &Path, _metadata: &Metadata) -> io::Result<()> {
        Ok(())
    }

    pub(in crate::store) fn owner_alone(_path: &Path, _mode: u32) -> io::Result<()> {
        Ok(())
    }

    #[expect(clippy::disallowed_types, reason = "streams that are open already")]
    pub(in crate::store) fn stream(_metadata: &Metadata) -> Option<std::fs::File> {
        None
    }
}

#[cfg(all(test, unix))]
pub(super) use rights::user;
use rights::{check_mode, tighten};
pub(super) use rights::{check_owner, owner_alone, stream};
