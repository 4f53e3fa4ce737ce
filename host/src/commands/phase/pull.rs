//! `phase pull`: from a registry into the local store.

use crate::artifact::pull::Pulled;
use crate::artifact::signatures::candidates;
use crate::config::PhaseConfig;
use crate::errors::Error;
use crate::phase::supply::with_supply;
use crate::render::terminal::Printer;
use kubephase_core::outcome::Outcome;
use kubephase_core::reference::Reference;

/// Pulls a phase and prints its reference with the digest.
///
/// # Errors
/// [`Error`] if the phase cannot be obtained, is refused, or cannot be stored.
pub(super) fn pull(reference: &Reference, config: &PhaseConfig, printer: &Printer<'_>) -> Result<Outcome, Error> {
    let Pulled { digest, artifact, .. } = with_supply(config, printer, |supply| supply.pull(reference))?;
    let (size, signatures) = (artifact.component.len(), candidates(&artifact.signed).len());
    printer.message(&format!("pulled {reference}: {size} bytes, possible signatures: {signatures}"))?;
    printer.line(&reference.pinned(&digest).to_string())?;
    Ok(Outcome::Done)
}
