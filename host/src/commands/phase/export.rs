//! `phase export`: the bare component, as `--phase FILE` accepts it.

use crate::config::PhaseConfig;
use crate::errors::Error;
use crate::phase::supply::supplied;
use crate::render::terminal::Printer;
use crate::store::write_shared_bytes;
use kubephase_core::digest::Digest;
use kubephase_core::outcome::Outcome;
use std::path::Path;

/// Writes the component to a file.
///
/// # Errors
/// [`Error`] if the phase cannot be obtained or the file cannot be written.
pub(super) fn export(config: &PhaseConfig, file: &Path, printer: &Printer<'_>) -> Result<Outcome, Error> {
    let supplied = supplied(config, printer)?;
    let component = supplied.component();
    write_shared_bytes(file, component).map_err(|source| Error::Save { path: file.to_owned(), source })?;
    printer.message(&format!("exported {} to {}, {}", config.source, file.display(), Digest::of(component)))?;
    Ok(Outcome::Done)
}
