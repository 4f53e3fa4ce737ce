//! Phases from files, the local store and registries.

use crate::artifact::ArtifactError;
use crate::artifact::local_store::LocalStore;
use crate::artifact::pull::Supply;
use crate::artifact::registry::RegistrySettings;
use crate::component::ComponentBytes;
use crate::config::{PhaseConfig, StoreConfig};
use crate::errors::Error;
use crate::phase::supplied::Supplied;
use crate::phase::vouch::{ByPolicy, PolicyJudge};
use crate::render::terminal::Printer;
use kubephase_core::source::PhaseSource;

/// Reads a phase; an artifact is pulled if it is missing from the local store.
pub(crate) fn supplied(config: &PhaseConfig, printer: &Printer<'_>) -> Result<Supplied, Error> {
    Ok(match &config.source {
        PhaseSource::Embedded => Supplied::Local(ComponentBytes::Embedded),
        PhaseSource::File(path) => {
            let unreadable = |source| Error::Source { path: config.source.to_string(), source };
            Supplied::Local(ComponentBytes::read(path, config.limits.file_bytes).map_err(unreadable)?)
        }
        PhaseSource::Artifact(reference) => {
            Supplied::Artifact(Box::new(with_supply(config, printer, |supply| supply.bring(reference))?))
        }
    })
}

/// The local store.
pub(crate) fn local_store(config: &StoreConfig) -> Result<LocalStore, ArtifactError> {
    config.folder.clone().map(LocalStore::at).ok_or(ArtifactError::NoStore)
}

/// Passes the local store and the registry access to `work`.
pub(crate) fn with_supply<T>(
    config: &PhaseConfig,
    printer: &Printer<'_>,
    work: impl FnOnce(&Supply<'_>) -> Result<T, ArtifactError>,
) -> Result<T, Error> {
    let judge = ByPolicy { policy: PolicyJudge::of(&config.trust)?, log: printer };
    let say = |text: &str| {
        // A lost progress message is harmless: the result repeats what matters.
        let _ = printer.message(text);
    };
    let StoreConfig { access, pull, .. } = &config.store;
    let local_store = local_store(&config.store)?;
    let manners = RegistrySettings { log: printer, say: &say };
    let supply =
        Supply { local_store: &local_store, access, policy: *pull, judge: &judge, file_bytes: config.limits.file_bytes, manners };
    Ok(work(&supply)?)
}
