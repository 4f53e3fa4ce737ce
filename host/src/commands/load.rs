//! From what was typed to a phase that can be asked.

use super::trust::trusted;
use crate::component::{Admitted, CallError, Digest, Phase, source};
use crate::config::PhaseConfig;
use crate::consent::{self, Applicant, Said};
use crate::errors::Error;
use kubephase_core::description::Description;
use kubephase_core::grant::Extras;
use kubephase_core::log::{Level, Log};
use kubephase_core::saved::PhaseDocument;
use kubephase_core::trust::Grounds;

/// A phase that said who it is.
pub(super) struct Loaded<'a> {
    pub(super) phase: Phase<'a>,
    pub(super) digest: Digest,
    pub(super) description: Description,
    extras: Extras,
}

/// Reads, judges, admits, compiles and asks it. Who vouches for it is decided of the bytes that are compiled, read once.
pub(super) fn load<'a>(config: &PhaseConfig, log: &'a dyn Log) -> Result<Loaded<'a>, Error> {
    let unreadable = |source| Error::Source { path: config.source.to_string(), source };
    let bytes = source::bytes(&config.source, config.limits.file_bytes).map_err(unreadable)?;
    let trusted = trusted(config, &bytes)?;
    if !matches!(trusted.grounds, Grounds::Embedded | Grounds::LocalFile) {
        log.line(Level::Trust, &|| format!("{}: {trusted}", config.source));
    }
    let digest = Digest::of(&bytes);
    let extras = config.extras.or(consent::extras(&digest, said(config))?);
    let admitted = Admitted::admit(bytes, config.limits, extras)?;
    let phase = Phase::load(&admitted, config.limits, config.code_cache.as_deref(), log)?;
    let description = phase.describe()?;
    // A description is what a person agrees to, and it is only as good as it is the same the next time.
    if phase.describe()? != description {
        return Err(CallError::Changing.into());
    }
    Ok(Loaded { phase, digest, description, extras: admitted.used(extras) })
}

/// What was said before this run about what a phase may do.
pub(super) fn said(config: &PhaseConfig) -> Said<'_> {
    Said { grants: &config.grants, kept: config.kept_grants.as_deref() }
}

impl Loaded<'_> {
    /// The phase as plans name it.
    pub(super) fn document(&self) -> PhaseDocument {
        let Description { id, version, .. } = &self.description;
        PhaseDocument { id: id.to_string(), version: version.clone(), digest: self.digest.to_string() }
    }

    /// The phase as one that wants to do something.
    pub(super) const fn applicant<'a>(&'a self, config: &'a PhaseConfig) -> Applicant<'a> {
        Applicant { source: &config.source, digest: &self.digest, description: &self.description, extras: self.extras }
    }
}
