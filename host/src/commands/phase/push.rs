//! `phase push`: publishes to a registry. A phase that the host would refuse to run is not pushed.

use crate::artifact::layout;
use crate::artifact::registry::Registry;
use crate::config::PhaseConfig;
use crate::errors::Error;
use crate::phase::load::admit;
use crate::phase::supply::{supplied, with_supply};
use crate::render::terminal::Printer;
use kubephase_core::outcome::Outcome;
use kubephase_core::reference::Reference;

/// Compiles and describes a phase, pushes it, and prints its reference with the digest.
///
/// # Errors
/// [`Error`] if the phase would be refused, or the registry rejects it.
pub(super) fn push(config: &PhaseConfig, reference: &Reference, printer: &Printer<'_>) -> Result<Outcome, Error> {
    let supplied = supplied(config, printer)?;
    let component = supplied.component().to_vec();
    let loaded = admit(config, supplied, printer)?;
    let (structure, claim) = loaded.claim(&component);
    let title = format!("{}.wasm", claim.description.id);
    let built = layout::build(&component, &title, &structure, &claim);
    with_supply(config, printer, |supply| Registry::prepare(reference, supply.access, supply.manners)?.push(&built, &component))?;
    printer.message(&format!("pushed {} {} to {reference}", claim.description.id, claim.description.version))?;
    printer.line(&reference.pinned(&built.digest).to_string())?;
    Ok(Outcome::Done)
}
