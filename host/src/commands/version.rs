//! `version`: the versions of this plugin and of its embedded phase.

use crate::component::CONTRACTS;
use crate::component::engine::{ENGINE_FEATURES, ENGINE_VERSION};
use crate::component::wasi::AVAILABILITY;
use crate::config::PhaseConfig;
use crate::errors::Error;
use crate::phase::load::load;
use crate::render::document::show;
use crate::render::terminal::Printer;
use crate::render::version::{EngineDocument, VersionDocument};
use kubephase_core::format::Format;
use kubephase_core::outcome::Outcome;
use kubephase_core::structure::Availability;

/// Prints the version.
///
/// # Errors
/// [`Error`] if the embedded phase does not answer, which would be a broken build.
pub(super) fn version(format: Format, config: &PhaseConfig, printer: &Printer<'_>) -> Result<Outcome, Error> {
    let phase = load(config, printer)?.document();
    let (name, wasi) = ("wasmtime", AVAILABILITY == Availability::Included);
    let engine = EngineDocument { name, version: ENGINE_VERSION, features: &ENGINE_FEATURES, wasi };
    show(&VersionDocument::new(&CONTRACTS, phase, engine), format, printer)?;
    Ok(Outcome::Done)
}
