//! The way from a registry to the local store, and from the local store into a run.

use super::error::ArtifactError;
use super::layout::Manifest;
use super::local_store::{Artifact, LocalStore, StoredArtifact};
use super::registry::{Registry, RegistrySettings};
use super::signatures::{self, Signed};
use super::{Found, Judge};
use kubephase_core::claim::Claim;
use kubephase_core::digest::Digest;
use kubephase_core::reference::Reference;
use kubephase_core::source::{PullPolicy, RegistryAccess};
use kubephase_core::trust::{Candidate, Trusted};

/// Where artifacts come from, and what they may be.
#[derive(Clone, Copy)]
pub struct Supply<'a> {
    /// The local store.
    pub local_store: &'a LocalStore,
    /// How registries are reached.
    pub access: &'a RegistryAccess,
    /// When they are asked.
    pub policy: PullPolicy,
    /// Who decides what comes in.
    pub judge: &'a dyn Judge,
    /// The largest component, bytes.
    pub file_bytes: u64,
    /// How we behave meanwhile.
    pub manners: RegistrySettings<'a>,
}

/// What was brought.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Brought {
    /// The digest of the manifest.
    pub digest: Digest,
    /// The component.
    pub component: Vec<u8>,
    /// What its config says of it; none if that says nothing.
    pub claim: Option<Claim>,
    /// Why it may be run.
    pub trusted: Trusted,
}

/// What was fetched and kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pulled {
    /// The digest of the manifest.
    pub digest: Digest,
    /// All of it.
    pub artifact: Artifact,
    /// What its config says of it; none if that says nothing.
    pub claim: Option<Claim>,
    /// Why it may be run.
    pub trusted: Trusted,
}

/// What a manifest and a config say, before anything of the component is read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ArtifactSummary {
    /// The digest of the manifest's bytes.
    pub digest: Digest,
    /// What it says.
    pub manifest: Manifest,
    /// What the config says; none if that says nothing.
    pub claim: Option<Claim>,
    /// Where that was read.
    pub place: ArtifactPlace,
}

/// Where something is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ArtifactPlace {
    /// In the local store.
    Shelf,
    /// In the registry.
    Registry,
}

impl Supply<'_> {
    /// A phase for a run: from the local store if it is there and whole, else from its registry, as far as that may be asked.
    ///
    /// # Errors
    /// [`ArtifactError`] if it cannot be had, or is refused.
    pub fn bring(&self, reference: &Reference) -> Result<Brought, ArtifactError> {
        match self.in_store(reference, |stored| self.take(reference, stored))? {
            Some(brought) => Ok(brought),
            None => {
                let Pulled { digest, artifact, claim, trusted } = self.pull(reference)?;
                Ok(Brought { digest, component: artifact.component, claim, trusted })
            }
        }
    }

    /// All of an artifact, for an archive: from the local store, else from its registry.
    ///
    /// # Errors
    /// As [`Supply::bring`].
    pub fn whole(&self, reference: &Reference) -> Result<Artifact, ArtifactError> {
        match self.in_store(reference, |stored| self.local_store.artifact(reference, stored))? {
            Some(artifact) => Ok(artifact),
            None => Ok(self.pull(reference)?.artifact),
        }
    }

    /// What can be known of a phase by its config. From a registry nothing else is fetched, and nothing is kept.
    ///
    /// # Errors
    /// [`ArtifactError`] if it cannot be had, or is no phase.
    pub fn glance(&self, reference: &Reference) -> Result<ArtifactSummary, ArtifactError> {
        let stored = self.in_store(reference, |stored| {
            let claim = stored.manifest.claim(reference, &self.local_store.config(stored)?)?;
            Ok(ArtifactSummary {
                digest: stored.digest.clone(),
                manifest: stored.manifest.clone(),
                claim,
                place: ArtifactPlace::Shelf,
            })
        })?;
        if let Some(glance) = stored {
            return Ok(glance);
        }
        let registry = Registry::prepare(reference, self.access, self.manners)?;
        let (bytes, digest) = registry.manifest()?;
        let manifest = Manifest::read(reference, &bytes, self.file_bytes)?;
        let claim = manifest.claim(reference, &registry.config(&manifest.config)?)?;
        Ok(ArtifactSummary { digest, manifest, claim, place: ArtifactPlace::Registry })
    }

    /// What decides whether a phase is trusted: the digest of its manifest, and what could be signatures. Nothing is kept.
    ///
    /// # Errors
    /// As [`Supply::glance`].
    pub fn evidence(&self, reference: &Reference) -> Result<(Digest, Vec<Candidate>), ArtifactError> {
        let stored =
            self.in_store(reference, |stored| Ok((stored.digest.clone(), self.local_store.candidates(&stored.digest)?)))?;
        if let Some(evidence) = stored {
            return Ok(evidence);
        }
        let registry = Registry::prepare(reference, self.access, self.manners)?;
        let (bytes, digest) = registry.manifest()?;
        Manifest::read(reference, &bytes, self.file_bytes)?;
        let candidates = registry.candidates(&digest)?;
        Ok((digest, candidates))
    }

    /// Fetches a phase and keeps it. Nothing of it is kept, and nothing of the component fetched, before it was judged.
    ///
    /// # Errors
    /// [`ArtifactError`] if it cannot be had, or is refused.
    pub fn pull(&self, reference: &Reference) -> Result<Pulled, ArtifactError> {
        let registry = Registry::prepare(reference, self.access, self.manners)?;
        let (bytes, digest) = registry.manifest()?;
        let manifest = Manifest::read(reference, &bytes, self.file_bytes)?;
        let signed = registry.signed(&digest)?;
        let trusted = self.judge(reference, &digest, &signed)?;
        let config = registry.config(&manifest.config)?;
        let claim = manifest.claim(reference, &config)?;
        let mut partial = self.local_store.partial(&manifest.layer.1)?;
        let component = match self.local_store.spare(&manifest.layer)? {
            Some(component) => component,
            None => registry.component(&manifest.layer, &mut partial)?,
        };
        Manifest::check_header(reference, &component)?;
        let artifact = Artifact { reference: reference.clone(), manifest: bytes, config, component, signed };
        self.local_store.keep(&artifact)?;
        partial.discard()?;
        Ok(Pulled { digest, artifact, claim, trusted })
    }

    /// Has an artifact judged.
    ///
    /// # Errors
    /// [`ArtifactError::Refused`].
    pub fn judge(&self, reference: &Reference, digest: &Digest, signed: &[Signed]) -> Result<Trusted, ArtifactError> {
        let found = Found { reference, digest, candidates: &signatures::candidates(signed) };
        let refused = |refusal| ArtifactError::Refused { reference: reference.to_string(), source: Box::new(refusal) };
        self.judge.judge(&found).map_err(refused)
    }

    /// What can be had from the local store; none if it is not there, is damaged, or a registry is to be asked anyway.
    fn in_store<T>(
        &self,
        reference: &Reference,
        take: impl FnOnce(&StoredArtifact) -> Result<T, ArtifactError>,
    ) -> Result<Option<T>, ArtifactError> {
        if self.policy == PullPolicy::Always {
            return Ok(None);
        }
        let found = self.local_store.find(reference, self.file_bytes);
        match (found.and_then(|found| found.map(|found| take(&found)).transpose()), self.policy) {
            (Ok(None), PullPolicy::Never) => Err(ArtifactError::NotKept(reference.to_string())),
            (Err(error @ ArtifactError::Damaged { .. }), PullPolicy::IfNotPresent) => {
                (self.manners.say)(&format!("note: {error}; it is fetched again"));
                Ok(None)
            }
            (other, _) => other,
        }
    }

    fn take(&self, reference: &Reference, stored: &StoredArtifact) -> Result<Brought, ArtifactError> {
        let signed = self.local_store.signed(&stored.digest)?;
        let trusted = self.judge(reference, &stored.digest, &signed)?;
        let claim = stored.manifest.claim(reference, &self.local_store.config(stored)?)?;
        Ok(Brought { digest: stored.digest.clone(), component: self.local_store.component(stored)?, claim, trusted })
    }
}
