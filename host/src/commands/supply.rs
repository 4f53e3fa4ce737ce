//! The bytes of a phase, wherever it is.

use super::judge::ByPolicy;
use super::trust::Judge as Policy;
use crate::artifact::ArtifactError;
use crate::artifact::pull::{Brought, Supply};
use crate::artifact::registry::Manners;
use crate::artifact::shelf::Shelf;
use crate::component::source;
use crate::config::{PhaseConfig, StoreConfig};
use crate::errors::Error;
use crate::render::terminal::Printer;
use kubephase_core::claim::Claim;
use kubephase_core::source::Source;
use std::borrow::Cow;

/// A phase that was read, and what is said of it elsewhere.
pub(super) struct Bytes {
    /// The component.
    pub(super) component: Cow<'static, [u8]>,
    /// What the config of its artifact says of it; none if there is none, or it says nothing.
    pub(super) claim: Option<Claim>,
}

/// Reads a phase; one that has a reference is pulled if it is missing.
pub(super) fn bytes(config: &PhaseConfig, printer: &Printer<'_>) -> Result<Bytes, Error> {
    let component = match &config.source {
        Source::Embedded => source::embedded(),
        Source::File(path) => {
            let unreadable = |source| Error::Source { path: config.source.to_string(), source };
            source::file(path, config.limits.file_bytes).map_err(unreadable)?
        }
        Source::Artifact(reference) => {
            let Brought { component, claim, .. } = with_supply(config, printer, |supply| supply.bring(reference))?;
            return Ok(Bytes { component: Cow::Owned(component), claim });
        }
    };
    Ok(Bytes { component, claim: None })
}

/// The local store.
pub(super) fn shelf(config: &StoreConfig) -> Result<Shelf, ArtifactError> {
    config.folder.clone().map(Shelf::at).ok_or(ArtifactError::NoStore)
}

/// Hands the ways to get artifacts to `work`.
pub(super) fn with_supply<T>(
    config: &PhaseConfig,
    printer: &Printer<'_>,
    work: impl FnOnce(&Supply<'_>) -> Result<T, ArtifactError>,
) -> Result<T, Error> {
    let judge = ByPolicy { policy: Policy::of(&config.trust)?, log: printer };
    let say = |text: &str| {
        // Whoever does not listen misses nothing that the end does not say.
        let _ = printer.talk(text);
    };
    let StoreConfig { access, pull, .. } = &config.store;
    let shelf = shelf(&config.store)?;
    let manners = Manners { log: printer, say: &say };
    let supply = Supply { shelf: &shelf, access, policy: *pull, judge: &judge, file_bytes: config.limits.file_bytes, manners };
    Ok(work(&supply)?)
}
