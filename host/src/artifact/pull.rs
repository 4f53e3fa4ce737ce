//! The way from a registry to the shelf, and from the shelf into a run.

use super::error::ArtifactError;
use super::layout::Manifest;
use super::registry::{Manners, Registry};
use super::shelf::{Artifact, Shelf, Shelved};
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
    pub shelf: &'a Shelf,
    /// How registries are reached.
    pub access: &'a RegistryAccess,
    /// When they are asked.
    pub policy: PullPolicy,
    /// Who decides what comes in.
    pub judge: &'a dyn Judge,
    /// The largest component, bytes.
    pub file_bytes: u64,
    /// How we behave meanwhile.
    pub manners: Manners<'a>,
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
pub struct Glance {
    /// The digest of the manifest's bytes.
    pub digest: Digest,
    /// What it says.
    pub manifest: Manifest,
    /// What the config says; none if that says nothing.
    pub claim: Option<Claim>,
    /// Where that was read.
    pub place: Place,
}

/// Where something is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Place {
    /// In the local store.
    Shelf,
    /// In the registry.
    Registry,
}

impl Supply<'_> {
    /// A phase for a run: from the shelf if it is there and whole, else from its registry, as far as that may be asked.
    ///
    /// # Errors
    /// [`ArtifactError`] if it cannot be had, or is refused.
    pub fn bring(&self, reference: &Reference) -> Result<Brought, ArtifactError> {
        match self.on_shelf(reference, |shelved| self.take(reference, shelved))? {
            Some(brought) => Ok(brought),
            None => {
                let Pulled { digest, artifact, claim, trusted } = self.pull(reference)?;
                Ok(Brought { digest, component: artifact.component, claim, trusted })
            }
        }
    }

    /// All of an artifact, for an archive: from the shelf, else from its registry.
    ///
    /// # Errors
    /// As [`Supply::bring`].
    pub fn whole(&self, reference: &Reference) -> Result<Artifact, ArtifactError> {
        match self.on_shelf(reference, |shelved| self.shelf.artifact(reference, shelved))? {
            Some(artifact) => Ok(artifact),
            None => Ok(self.pull(reference)?.artifact),
        }
    }

    /// What can be known of a phase by its config. From a registry nothing else is fetched, and nothing is kept.
    ///
    /// # Errors
    /// [`ArtifactError`] if it cannot be had, or is no phase.
    pub fn glance(&self, reference: &Reference) -> Result<Glance, ArtifactError> {
        let shelved = self.on_shelf(reference, |shelved| {
            let claim = shelved.manifest.claim(reference, &self.shelf.config(shelved)?)?;
            Ok(Glance { digest: shelved.digest.clone(), manifest: shelved.manifest.clone(), claim, place: Place::Shelf })
        })?;
        if let Some(glance) = shelved {
            return Ok(glance);
        }
        let registry = Registry::prepare(reference, self.access, self.manners)?;
        let (bytes, digest) = registry.manifest()?;
        let manifest = Manifest::read(reference, &bytes, self.file_bytes)?;
        let claim = manifest.claim(reference, &registry.config(&manifest.config)?)?;
        Ok(Glance { digest, manifest, claim, place: Place::Registry })
    }

    /// What decides whether a phase is trusted: the digest of its manifest, and what could be signatures. Nothing is kept.
    ///
    /// # Errors
    /// As [`Supply::glance`].
    pub fn evidence(&self, reference: &Reference) -> Result<(Digest, Vec<Candidate>), ArtifactError> {
        let shelved =
            self.on_shelf(reference, |shelved| Ok((shelved.digest.clone(), self.shelf.candidates(&shelved.digest)?)))?;
        if let Some(evidence) = shelved {
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
        let mut partial = self.shelf.partial(&manifest.layer.1)?;
        let component = match self.shelf.spare(&manifest.layer)? {
            Some(component) => component,
            None => registry.component(&manifest.layer, &mut partial)?,
        };
        Manifest::check_header(reference, &component)?;
        let artifact = Artifact { reference: reference.clone(), manifest: bytes, config, component, signed };
        self.shelf.keep(&artifact)?;
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

    /// What can be had from the shelf; none if it is not there, is damaged, or a registry is to be asked anyway.
    fn on_shelf<T>(
        &self,
        reference: &Reference,
        take: impl FnOnce(&Shelved) -> Result<T, ArtifactError>,
    ) -> Result<Option<T>, ArtifactError> {
        if self.policy == PullPolicy::Always {
            return Ok(None);
        }
        let found = self.shelf.find(reference, self.file_bytes);
        match (found.and_then(|found| found.map(|found| take(&found)).transpose()), self.policy) {
            (Ok(None), PullPolicy::Never) => Err(ArtifactError::NotKept(reference.to_string())),
            (Err(error @ ArtifactError::Damaged { .. }), PullPolicy::IfNotPresent) => {
                (self.manners.say)(&format!("note: {error}; it is fetched again"));
                Ok(None)
            }
            (other, _) => other,
        }
    }

    fn take(&self, reference: &Reference, shelved: &Shelved) -> Result<Brought, ArtifactError> {
        let signed = self.shelf.signed(&shelved.digest)?;
        let trusted = self.judge(reference, &shelved.digest, &signed)?;
        let claim = shelved.manifest.claim(reference, &self.shelf.config(shelved)?)?;
        Ok(Brought { digest: shelved.digest.clone(), component: self.shelf.component(shelved)?, claim, trusted })
    }
}
