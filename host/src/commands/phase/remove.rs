//! `phase remove`: deletes from the local store.

use crate::artifact::ArtifactError;
use crate::config::StoreConfig;
use crate::config::phase::Meant;
use crate::errors::Error;
use crate::phase::supply::local_store;
use crate::render::terminal::Printer;
use kubephase_core::outcome::Outcome;

/// Removes the given phases, and reports each name that was removed.
///
/// # Errors
/// [`Error`] for the first missing one; those before it are removed.
pub(super) fn remove(config: &StoreConfig, meant: &[Meant], printer: &Printer<'_>) -> Result<Outcome, Error> {
    let local_store = local_store(config)?;
    for meant in meant {
        let (names, what) = match meant {
            Meant::Named(reference) => (local_store.remove(|entry| entry.name == reference.name())?, reference.to_string()),
            Meant::Digest(digest) => (local_store.remove(|entry| entry.digest == *digest)?, digest.to_string()),
        };
        if names.is_empty() {
            return Err(ArtifactError::NothingKept(what).into());
        }
        names.iter().try_for_each(|name| printer.line(&format!("{name} removed")))?;
    }
    Ok(Outcome::Done)
}
