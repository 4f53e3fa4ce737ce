//! Grants given for always: one file for each digest, in the format of `--grant`, so that they can be read, changed and deleted.

use crate::component::Digest;
use crate::config::{ConfigError, file::read_grant};
use crate::render::terminal::Printer;
use crate::{store, yaml};
use kubephase_core::grant::Grant;
use kubephase_core::name::Identifier;
use std::io;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

/// Why kept grants cannot be read or written.
#[derive(Debug, thiserror::Error)]
pub enum KeptError {
    /// There is no home folder for them.
    #[error("the answer cannot be kept without a home folder; answer `yes`, or use --grant")]
    NoHome,
    /// The folder cannot be used.
    #[error("cannot use the folder of kept grants `{}`", .path.display())]
    Folder {
        /// The path of the folder.
        path: PathBuf,
        /// The error of the operating system.
        source: io::Error,
    },
    /// A file in the folder is invalid or unreadable.
    #[error(transparent)]
    File(#[from] ConfigError),
}

fn file_name(digest: &Digest) -> String {
    format!("{}.yaml", digest.to_string().replace(':', "-"))
}

/// The grant for a file.
pub(super) fn of_digest(folder: &Path, digest: &Digest) -> Result<Option<Grant>, KeptError> {
    let path = folder.join(file_name(digest));
    store::check_file(&path).map_err(|source| KeptError::Folder { path: folder.to_owned(), source })?;
    match read_grant(&path) {
        Err(ConfigError::Unreadable { source, .. }) if source.kind() == io::ErrorKind::NotFound => Ok(None),
        // A grant that does not name this digest was not written by this plugin.
        other => Ok(Some(other?).filter(|grant| grant.digest.as_deref() == Some(digest.to_string().as_str()))),
    }
}

/// The latest grant for any file with this id. An unreadable file is reported and skipped: it only affects which permissions are
/// shown as new.
pub(super) fn of_phase(folder: &Path, id: &Identifier, printer: &Printer<'_>) -> Result<Option<Grant>, KeptError> {
    let failed = |source| KeptError::Folder { path: folder.to_owned(), source };
    store::check_private(folder).map_err(failed)?;
    let entries = match std::fs::read_dir(folder) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        other => other.map_err(failed)?,
    };
    let mut latest: Option<(SystemTime, Grant)> = None;
    for entry in entries {
        let entry = entry.map_err(failed)?;
        if entry.path().extension().is_none_or(|extension| extension != "yaml") {
            continue;
        }
        let time = entry.metadata().and_then(|metadata| metadata.modified()).map_err(failed)?;
        if let Err(error) = store::check_file(&entry.path()) {
            let path = entry.path();
            printer.message(&format!("warning: a kept grant is skipped: {}: {error}", path.display())).map_err(failed)?;
            continue;
        }
        let grant = match read_grant(&entry.path()) {
            Ok(grant) => grant,
            Err(error) => {
                let why = std::error::Error::source(&error).map(|source| format!(": {source}")).unwrap_or_default();
                let told = printer.message(&format!("warning: a kept grant is skipped: {error}{why}"));
                told.map_err(failed)?;
                continue;
            }
        };
        if grant.phase.as_deref() == Some(id.as_str()) && latest.as_ref().is_none_or(|(other, _)| *other < time) {
            latest = Some((time, grant));
        }
    }
    Ok(latest.map(|(_, grant)| grant))
}

/// Saves a grant. The file is written atomically and is private to the user.
pub(super) fn keep(folder: &Path, digest: &Digest, grant: &Grant) -> Result<(), KeptError> {
    let failed = |source| KeptError::Folder { path: folder.to_owned(), source };
    store::create_private(folder).map_err(failed)?;
    store::write_private(&folder.join(file_name(digest)), &yaml::write_document(&grant.to_document())).map_err(failed)
}
