//! Folders of ours. What is in them decides or is run: kept grants, the policy, compiled code, artifacts, and values of Secrets. Each is
//! the user's alone (0700) whatever the mask, and one that somebody else could have filled is refused, as ssh and sudo do.

use std::fs::{DirBuilder, Metadata};
use std::io;
use std::path::{Path, PathBuf};

/// What our folders are called. Those above are the user's affair.
const NAME: &str = "kubectl-bootstrap-token";

/// A file or a folder that somebody else could have made or changed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum FolderRefusal {
    /// It is another user's.
    #[error("`{}` belongs to user {owner}, and this runs as user {user}: use your own home (`sudo -H`, or set HOME)", .path.display())]
    Foreign {
        /// What.
        path: PathBuf,
        /// Whose it is.
        owner: u32,
        /// Who runs this.
        user: u32,
    },
    /// Others may write to it.
    #[error("others can write to `{}`: look at what is in it, then run `chmod go-w` on it", .path.display())]
    Writable {
        /// What.
        path: PathBuf,
    },
}

impl From<FolderRefusal> for io::Error {
    fn from(refusal: FolderRefusal) -> Self {
        Self::new(io::ErrorKind::PermissionDenied, refusal)
    }
}

/// Makes a folder of ours that nobody else may look into (0700), if it is not there.
///
/// # Errors
/// [`Refusal`] if it, the one of ours around it, or where it would be made is another user's, or if others can write to it; and what
/// the operating system says.
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

/// Refuses a folder of ours that somebody else could have filled; takes other people's rights to read away from it. One that is not there
/// is fine.
///
/// # Errors
/// As [`create_private`].
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

/// The same for a file in a folder of ours.
///
/// # Errors
/// As [`create_private`], and for what is not a regular file.
pub fn check_file(path: &Path) -> io::Result<()> {
    path.parent().map_or(Ok(()), check_private)?;
    match std::fs::metadata(path) {
        Ok(metadata) if !metadata.is_file() => Err(io::Error::new(io::ErrorKind::InvalidInput, "it is not a regular file")),
        Ok(metadata) => check_owner(path, &metadata).and_then(|()| check_mode(path, &metadata)),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
        Err(error) => Err(error),
    }
}

/// The folders of ours down to this one, the outermost first.
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
        // Nobody can write to it there.
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

    /// Who runs this: a pipe belongs to whoever made it.
    #[expect(clippy::disallowed_types, reason = "a pipe, which is open already")]
    pub(in crate::store) fn user() -> io::Result<u32> {
        let (pipe, _) = io::pipe()?;
        let metadata = std::fs::File::from(std::os::fd::OwnedFd::from(pipe)).metadata()?;
        Ok(metadata.uid())
    }

    /// Refuses what is neither the user's nor root's.
    pub(in crate::store) fn check_owner(path: &Path, metadata: &Metadata) -> io::Result<()> {
        let (owner, user) = (metadata.uid(), user()?);
        if owner == user || owner == ROOT || is_mapped(path, metadata, user) {
            return Ok(());
        }
        Err(FolderRefusal::Foreign { path: path.to_owned(), owner, user }.into())
    }

    /// Whether all that this user makes there belongs to that owner, as on NFS that maps users.
    fn is_mapped(path: &Path, metadata: &Metadata, user: u32) -> bool {
        let folder = if metadata.is_dir() { Some(path) } else { path.parent() };
        let made = |folder| tempfile::tempfile_in(folder).and_then(|file| file.metadata());
        user != ROOT && folder.is_some_and(|folder| made(folder).is_ok_and(|made| made.uid() == metadata.uid()))
    }

    /// Refuses what others can write to. A group with the number of its only user is that user (Debian's ssh has the same rule), and
    /// the usual mask lets it write.
    pub(super) fn check_mode(path: &Path, metadata: &Metadata) -> io::Result<()> {
        let mode = metadata.mode();
        let is_alone = metadata.gid() == metadata.uid();
        if mode & 0o002 != 0 || (mode & 0o020 != 0 && !is_alone) {
            return Err(FolderRefusal::Writable { path: path.to_owned() }.into());
        }
        Ok(())
    }

    /// Takes the rights of others away from a folder of the user.
    pub(super) fn tighten(folder: &Path, metadata: &Metadata) -> io::Result<()> {
        if metadata.mode() & 0o777 == 0o700 || metadata.uid() != user()? {
            return Ok(());
        }
        owner_alone(folder, 0o700)
    }

    /// Sets a mode whatever the mask was.
    pub(in crate::store) fn owner_alone(path: &Path, mode: u32) -> io::Result<()> {
        std::fs::set_permissions(path, Permissions::from_mode(mode))
    }

    /// Our standard output or standard error, if that is what this is.
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

    /// Elsewhere a home is its user's by the rights that it inherits.
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
