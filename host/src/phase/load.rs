//! From what was typed to a phase that can be asked.

use super::supply::{Supplied, supplied};
use super::vouch::vouched;
use crate::artifact::ArtifactError;
use crate::component::{Admitted, CallError, Digest, Phase, structure};
use crate::config::PhaseConfig;
use crate::consent::{self, Applicant, StandingConsent};
use crate::errors::Error;
use crate::render::terminal::Printer;
use crate::store::{self, FolderRefusal};
use kubephase_core::claim::Claim;
use kubephase_core::description::Description;
use kubephase_core::grant::Extras;
use kubephase_core::saved::PhaseDocument;
use kubephase_core::source::PhaseSource;
use kubephase_core::structure::Structure;
use std::path::Path;

/// A phase that said who it is.
pub(crate) struct Loaded<'a> {
    pub(crate) phase: Phase<'a>,
    pub(crate) digest: Digest,
    pub(crate) description: Description,
    extras: Extras,
}

/// Reads, judges, admits, compiles and asks it. Who vouches for it is decided of the bytes that are compiled, read once.
pub(crate) fn load<'a>(config: &PhaseConfig, printer: &'a Printer<'_>) -> Result<Loaded<'a>, Error> {
    admit(config, supplied(config, printer)?, printer)
}

/// The same with what was read already.
pub(crate) fn admit<'a>(config: &PhaseConfig, supplied: Supplied, printer: &'a Printer<'_>) -> Result<Loaded<'a>, Error> {
    let (vouched, claim) = vouched(config, supplied, printer)?;
    let digest = vouched.digest().clone();
    let claim = claim.map(|claim| (claim, structure(vouched.bytes())));
    let extras = config.extras.or(consent::extras(&digest, said(config))?);
    let admitted = Admitted::admit(vouched, config.limits, extras)?;
    let phase = Phase::load(&admitted, config.limits, code_cache(config, printer)?, printer)?;
    let description = phase.describe()?;
    // A description is what a person agrees to, and it is only as good as it is the same the next time.
    if phase.describe()? != description {
        return Err(CallError::Changing.into());
    }
    if let Some((claim, structure)) = claim
        && let Some(difference) = claim.difference(&claim_of(&description, &structure))
    {
        return Err(ArtifactError::Lie { reference: config.source.to_string(), difference }.into());
    }
    Ok(Loaded { phase, digest, description, extras: admitted.used(extras) })
}

/// Where compiled phases are kept. Code of somebody else is not run: the phase is compiled anew each time.
fn code_cache<'a>(config: &'a PhaseConfig, printer: &Printer<'_>) -> Result<Option<&'a Path>, Error> {
    let Some(folder) = config.code_cache.as_deref() else { return Ok(None) };
    match store::create_private(folder) {
        Ok(()) => Ok(Some(folder)),
        Err(error) => {
            // A home that cannot be written to, as in many containers, is nothing to talk about.
            if error.get_ref().is_some_and(|refusal| refusal.is::<FolderRefusal>()) {
                printer.message(&format!("warning: compiled phases are not cached: {error}"))?;
            }
            Ok(None)
        }
    }
}

/// What may truly be said of a phase.
fn claim_of(description: &Description, structure: &Structure) -> Claim {
    Claim { description: description.clone(), contracts: structure.contracts.clone(), imports: structure.imports.clone() }
}

/// What was said before this run about what a phase may do.
pub(crate) fn said(config: &PhaseConfig) -> StandingConsent<'_> {
    // The phase in this plugin needs none, so that a folder that cannot be used does not stop it.
    let kept = config.kept_grants.as_deref().filter(|_| config.source != PhaseSource::Embedded);
    StandingConsent { grants: &config.grants, kept }
}

impl Loaded<'_> {
    /// What is in its file, and what may be said of it in the config of an artifact.
    pub(crate) fn claim(&self, component: &[u8]) -> (Structure, Claim) {
        let structure = structure(component);
        let claim = claim_of(&self.description, &structure);
        (structure, claim)
    }

    /// The phase as plans name it.
    pub(crate) fn document(&self) -> PhaseDocument {
        let Description { id, version, .. } = &self.description;
        PhaseDocument { id: id.to_string(), version: version.clone(), digest: self.digest.to_string() }
    }

    /// The phase as one that wants to do something.
    pub(crate) const fn applicant<'a>(&'a self, config: &'a PhaseConfig) -> Applicant<'a> {
        Applicant { source: &config.source, digest: &self.digest, description: &self.description, extras: self.extras }
    }
}
