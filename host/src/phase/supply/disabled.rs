//! A build without a compiler: another phase would be of no use, and nothing fetches one.

use crate::artifact::ArtifactError;
use crate::artifact::pull::Supply;
use crate::component::ComponentBytes;
use crate::component::engine::EngineError;
use crate::config::PhaseConfig;
use crate::errors::Error;
use crate::phase::supplied::Supplied;
use crate::render::terminal::Printer;
use kubephase_core::source::PhaseSource;

/// The embedded phase; another one is refused before anything is read.
pub(crate) fn supplied(config: &PhaseConfig, _: &Printer<'_>) -> Result<Supplied, Error> {
    match &config.source {
        PhaseSource::Embedded => Ok(Supplied::Local(ComponentBytes::Embedded)),
        PhaseSource::File(_) | PhaseSource::Artifact(_) => Err(EngineError::Sealed.into()),
    }
}

/// Refuses.
pub(crate) fn with_supply<T>(
    _: &PhaseConfig,
    _: &Printer<'_>,
    _: impl FnOnce(&Supply<'_>) -> Result<T, ArtifactError>,
) -> Result<T, Error> {
    Err(EngineError::Sealed.into())
}
