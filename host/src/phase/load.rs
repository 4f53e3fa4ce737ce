//! From a phase argument to a phase that can be asked.

use super::supplied::Supplied;
use super::supply::supplied;
use super::vouch::vouched;
use crate::artifact::ArtifactError;
use crate::cluster::live::Concurrency;
use crate::component::{Admitted, CallError, CodeCache, CompiledPhase, Digest, structure};
use crate::config::PhaseConfig;
use crate::consent::{self, Applicant, StandingConsent};
use crate::errors::Error;
use crate::render::terminal::Printer;
use crate::store::FolderRefusal;
use kubephase_core::claim::Claim;
use kubephase_core::description::Description;
use kubephase_core::grant::Extras;
use kubephase_core::saved::PhaseDocument;
use kubephase_core::source::PhaseSource;
use kubephase_core::structure::Structure;

/// A phase that has described itself.
pub(crate) struct Loaded {
    pub(crate) phase: CompiledPhase,
    pub(crate) digest: Digest,
    pub(crate) description: Description,
    /// How much is done at once with it; `None` for a single cluster.
    pub(crate) turns: Option<Concurrency>,
    extras: Extras,
}

/// Reads, verifies, admits, compiles and describes the phase. The signature covers the bytes that are compiled: they are read
/// once.
pub(crate) fn load(config: &PhaseConfig, printer: &Printer<'_>) -> Result<Loaded, Error> {
    admit(config, supplied(config, printer)?, printer)
}

/// Like [`load`], for bytes that have already been read.
pub(crate) fn admit(config: &PhaseConfig, supplied: Supplied, printer: &Printer<'_>) -> Result<Loaded, Error> {
    let (vouched, claim) = vouched(config, supplied, printer)?;
    let digest = vouched.digest().clone();
    let claim = claim.map(|claim| (claim, structure(vouched.bytes())));
    let extras = config.extras.or(consent::extras(&digest, said(config))?);
    let admitted = Admitted::admit(vouched, config.limits, extras)?;
    let is_embedded = config.source == PhaseSource::Embedded;
    // The code of the embedded phase is part of this program.
    let cache = if is_embedded { None } else { code_cache(config, printer)? };
    let phase = CompiledPhase::load(&admitted, config.limits, cache.as_ref())?;
    let logged = phase.logged(printer);
    let description = logged.describe()?;
    // The operator agrees to a description, so it must be the same every time.
    if !is_embedded && logged.describe()? != description {
        return Err(CallError::Changing.into());
    }
    if let Some((claim, structure)) = claim
        && let Some(difference) = claim.difference(&claim_of(&description, &structure))
    {
        return Err(ArtifactError::Lie { reference: config.source.to_string(), difference }.into());
    }
    Ok(Loaded { phase, digest, description, turns: None, extras: admitted.used(extras) })
}

/// The cache of compiled phases. A cache that another user could have written is not used: the phase is compiled each time.
fn code_cache(config: &PhaseConfig, printer: &Printer<'_>) -> Result<Option<CodeCache>, Error> {
    let Some(folder) = config.code_cache.as_deref() else { return Ok(None) };
    match CodeCache::at(folder) {
        Ok(cache) => Ok(Some(cache)),
        Err(error) => {
            // A read-only home, as in many containers, is not worth a message.
            if error.get_ref().is_some_and(|refusal| refusal.is::<FolderRefusal>()) {
                printer.message(&format!("warning: compiled phases are not cached: {error}"))?;
            }
            Ok(None)
        }
    }
}

/// The claims about a phase that its description and its component support.
fn claim_of(description: &Description, structure: &Structure) -> Claim {
    Claim { description: description.clone(), contracts: structure.contracts.clone(), imports: structure.imports.clone() }
}

/// The standing consent: what was granted to the phase before this run.
pub(crate) fn said(config: &PhaseConfig) -> StandingConsent<'_> {
    // The embedded phase needs no grant, so an unusable folder does not stop it.
    let kept = config.kept_grants.as_deref().filter(|_| config.source != PhaseSource::Embedded);
    StandingConsent { grants: &config.grants, kept }
}

impl Loaded {
    /// The structure of the component, and the claim for the config of its artifact.
    pub(crate) fn claim(&self, component: &[u8]) -> (Structure, Claim) {
        let structure = structure(component);
        let claim = claim_of(&self.description, &structure);
        (structure, claim)
    }

    /// The phase as plans describe it.
    pub(crate) fn document(&self) -> PhaseDocument {
        let Description { id, version, .. } = &self.description;
        PhaseDocument { id: id.to_string(), version: version.clone(), digest: self.digest.to_string() }
    }

    /// The phase as an applicant for a grant.
    pub(crate) const fn applicant<'a>(&'a self, config: &'a PhaseConfig) -> Applicant<'a> {
        Applicant { source: &config.source, digest: &self.digest, description: &self.description, extras: self.extras }
    }
}
