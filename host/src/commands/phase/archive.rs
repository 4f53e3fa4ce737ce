//! `phase save` and `phase load`: moves phases to machines without network access.

use crate::artifact::archive;
use crate::config::PhaseConfig;
use crate::errors::Error;
use crate::phase::supply::with_supply;
use crate::render::terminal::Printer;
use kubephase_core::digest::Digest;
use kubephase_core::outcome::Outcome;
use kubephase_core::reference::Reference;
use std::path::Path;

/// Writes a phase to a file, after pulling it if it is missing.
///
/// # Errors
/// [`Error`] if the phase cannot be obtained or the file cannot be written.
pub(super) fn save(reference: &Reference, config: &PhaseConfig, file: &Path, printer: &Printer<'_>) -> Result<Outcome, Error> {
    let digest = with_supply(config, printer, |supply| {
        let artifact = supply.whole(reference)?;
        archive::save(file, &artifact)?;
        Ok(Digest::of(&artifact.manifest))
    })?;
    printer.message(&format!("saved {} in {}", reference.pinned(&digest), file.display()))?;
    Ok(Outcome::Done)
}

/// Loads all phases of a file into the local store, or none if one of them is invalid.
///
/// # Errors
/// [`Error`] if the archive is invalid, a phase is refused, or the store cannot be written.
pub(super) fn load(file: &Path, name: Option<&Reference>, config: &PhaseConfig, printer: &Printer<'_>) -> Result<Outcome, Error> {
    let kept = with_supply(config, printer, |supply| {
        let artifacts = archive::load(file, name, supply.file_bytes)?;
        for artifact in &artifacts {
            supply.judge(&artifact.reference, &Digest::of(&artifact.manifest), &artifact.signed)?;
        }
        artifacts
            .iter()
            .map(|artifact| Ok(artifact.reference.pinned(&supply.local_store.keep(artifact)?)))
            .collect::<Result<Vec<_>, _>>()
    })?;
    kept.iter().try_for_each(|reference| printer.line(&reference.to_string()))?;
    Ok(Outcome::Done)
}
