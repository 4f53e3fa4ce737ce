//! From a registry to the local store, and from the local store into a run.

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

/// Where artifacts come from, and which ones are accepted.
#[derive(Clone, Copy)]
pub struct Supply<'a> {
    /// The local store.
    pub local_store: &'a LocalStore,
    /// How registries are reached.
    pub access: &'a RegistryAccess,
    /// When registries are contacted.
    pub policy: PullPolicy,
    /// Decides which artifacts are trusted.
    pub judge: &'a dyn Judge,
    /// The maximum size of a component, bytes.
    pub file_bytes: u64,
    /// How requests are logged and waits are announced.
    pub manners: RegistrySettings<'a>,
}

/// A phase that was obtained for a run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Brought {
    /// The digest of the manifest.
    pub digest: Digest,
    /// The component.
    pub component: Vec<u8>,
    /// The claim in its config; `None` if there is none.
    pub claim: Option<Claim>,
    /// Why it may be run.
    pub trusted: Trusted,
}

/// A phase that was fetched and stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pulled {
    /// The digest of the manifest.
    pub digest: Digest,
    /// The complete artifact.
    pub artifact: Artifact,
    /// The claim in its config; `None` if there is none.
    pub claim: Option<Claim>,
    /// Why it may be run.
    pub trusted: Trusted,
}

/// The manifest and the claim, without reading the component.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ArtifactSummary {
    /// The digest of the manifest's bytes.
    pub digest: Digest,
    /// The parsed manifest.
    pub manifest: Manifest,
    /// The claim in the config; `None` if there is none.
    pub claim: Option<Claim>,
    /// Where they were read.
    pub place: ArtifactPlace,
}

/// Where an artifact was read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ArtifactPlace {
    /// In the local store.
    LocalStore,
    /// In the registry.
    Registry,
}

impl Supply<'_> {
    /// A phase for a run: from the local store if it is there and intact, otherwise from its registry if the pull policy permits.
    ///
    /// # Errors
    /// [`ArtifactError`] if it cannot be obtained, or is refused.
    pub fn bring(&self, reference: &Reference) -> Result<Brought, ArtifactError> {
        match self.in_store(reference, |stored| self.take(reference, stored))? {
            Some(brought) => Ok(brought),
            None => {
                let Pulled { digest, artifact, claim, trusted } = self.pull(reference)?;
                Ok(Brought { digest, component: artifact.component, claim, trusted })
            }
        }
    }

    /// A complete artifact, for an archive: from the local store, otherwise from its registry.
    ///
    /// # Errors
    /// Like [`Supply::bring`].
    pub fn whole(&self, reference: &Reference) -> Result<Artifact, ArtifactError> {
        match self.in_store(reference, |stored| self.local_store.artifact(reference, stored))? {
            Some(artifact) => Ok(artifact),
            None => Ok(self.pull(reference)?.artifact),
        }
    }

    /// The properties of a phase according to its config. Nothing else is fetched from a registry, and nothing is stored.
    ///
    /// # Errors
    /// [`ArtifactError`] if it cannot be obtained, or is not a phase.
    pub fn glance(&self, reference: &Reference) -> Result<ArtifactSummary, ArtifactError> {
        let stored = self.in_store(reference, |stored| {
            let claim = stored.manifest.claim(reference, &self.local_store.config(stored)?)?;
            Ok(ArtifactSummary {
                digest: stored.digest.clone(),
                manifest: stored.manifest.clone(),
                claim,
                place: ArtifactPlace::LocalStore,
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

    /// The basis of the trust decision: the digest of the manifest, and the candidates for signatures. Nothing is stored.
    ///
    /// # Errors
    /// Like [`Supply::glance`].
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

    /// Fetches a phase and stores it. The trust decision comes before any part of the component is fetched or anything is stored.
    ///
    /// # Errors
    /// [`ArtifactError`] if it cannot be obtained, or is refused.
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

    /// Asks for the trust decision about an artifact.
    ///
    /// # Errors
    /// [`ArtifactError::Refused`] if it is not trusted.
    pub fn judge(&self, reference: &Reference, digest: &Digest, signed: &[Signed]) -> Result<Trusted, ArtifactError> {
        let found = Found { reference, digest, candidates: &signatures::candidates(signed) };
        let refused = |refusal| ArtifactError::Refused { reference: reference.to_string(), source: Box::new(refusal) };
        self.judge.judge(&found).map_err(refused)
    }

    /// The entry of the local store; `None` if it is missing or damaged, or if a registry is to be contacted anyway.
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
                (self.manners.say)(&format!("note: {error}; fetching it again"));
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
