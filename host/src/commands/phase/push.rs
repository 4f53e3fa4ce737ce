//! `phase push`: into a registry. What the host would refuse to run is not pushed.

use crate::artifact::layout;
use crate::artifact::registry::Registry;
use crate::commands::load::load_bytes;
use crate::commands::supply::{bytes, with_supply};
use crate::config::PhaseConfig;
use crate::errors::Error;
use crate::render::terminal::Printer;
use kubephase_core::outcome::Outcome;
use kubephase_core::reference::Reference;

/// Compiles and asks a phase, pushes it, and prints its reference with the digest.
///
/// # Errors
/// [`Error`] if it is no phase that would be run, or the registry does not take it.
pub(super) fn push(config: &PhaseConfig, reference: &Reference, printer: &Printer<'_>) -> Result<Outcome, Error> {
    let bytes = bytes(config, printer)?;
    let component = bytes.component.clone();
    let loaded = load_bytes(config, bytes, printer)?;
    let (anatomy, claim) = loaded.claim(&component);
    let title = format!("{}.wasm", claim.description.id);
    let built = layout::build(&component, &title, &anatomy, &claim);
    with_supply(config, printer, |supply| Registry::prepare(reference, supply.access, supply.manners)?.push(&built, &component))?;
    printer.talk(&format!("pushed {} {} to {reference}", claim.description.id, claim.description.version))?;
    printer.line(&reference.pinned(&built.digest).to_string())?;
    Ok(Outcome::Done)
}
