//! The local store of phases, an OCI image layout that other tools can read. Its contents are found by digest and verified each
//! time they are read. Changes are made under a lock, and each file is written atomically.
//!
//! Signatures are stored with their artifacts, so that trust can be decided again without a network.

mod files;
mod index;

use super::error::ArtifactError;
use super::layout::{CONFIG_BYTES, CONFIG_TYPE, Descriptor, LAYER_TYPE, MANIFEST_BYTES, MANIFEST_TYPE, Manifest, of};
use super::signatures::{self, MOST, MOST_BYTES, Signed};
pub use files::Partial;
use files::{Files, Lock};
pub(super) use index::{Index, IndexEntry};
use kubephase_core::claim::Claim;
use kubephase_core::digest::Digest;
use kubephase_core::reference::Reference;
use kubephase_core::trust::Candidate;
use std::collections::BTreeSet;
use std::path::PathBuf;

/// The file that marks a folder as an OCI image layout.
pub(super) const LAYOUT_FILE: (&str, &[u8]) = ("oci-layout", br#"{"imageLayoutVersion":"1.0.0"}"#);
/// The file with the names of the artifacts.
pub(super) const INDEX_FILE: &str = "index.json";

/// The local store.
#[derive(Debug, Clone)]
pub struct LocalStore {
    files: Files,
}

/// A phase as an artifact, with all its parts, each verified against its digest.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Artifact {
    /// The name of the artifact.
    pub reference: Reference,
    /// The bytes of the manifest.
    pub manifest: Vec<u8>,
    /// The bytes of the config.
    pub config: Vec<u8>,
    /// The component.
    pub component: Vec<u8>,
    /// The candidates for its signatures.
    pub signed: Vec<Signed>,
}

/// The manifest of a stored artifact.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredArtifact {
    /// The digest of the manifest.
    pub digest: Digest,
    /// The bytes of the manifest.
    pub bytes: Vec<u8>,
    /// The parsed manifest.
    pub manifest: Manifest,
}

/// An entry in the list of stored artifacts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Item {
    /// The name of the artifact.
    pub name: String,
    /// The digest of the manifest.
    pub digest: Digest,
    /// The details of the artifact; `None` if it is damaged.
    pub known: Option<StoredDetails>,
}

/// The details of a stored artifact.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredDetails {
    /// The size of the component, bytes.
    pub size: u64,
    /// The claim in its config; `None` if there is none.
    pub claim: Option<Claim>,
    /// The number of candidates for signatures.
    pub signatures: usize,
}

impl LocalStore {
    /// The store in a folder, which need not exist yet.
    #[must_use]
    pub const fn at(folder: PathBuf) -> Self {
        Self { files: Files::at(folder) }
    }

    /// The manifest of a reference: by digest among everything stored of the same repository, or by tag. `None` if it is not
    /// stored.
    ///
    /// # Errors
    /// [`ArtifactError::Damaged`] if the stored manifest is damaged, and like [`Manifest::read`].
    pub fn find(&self, reference: &Reference, file_bytes: u64) -> Result<Option<StoredArtifact>, ArtifactError> {
        let entries = self.index()?.artifacts();
        let entry = entries.into_iter().find(|entry| match reference.digest() {
            Some(digest) => entry.digest == *digest && entry.reference().is_some_and(|other| other.is_beside(reference)),
            None => entry.name == reference.name(),
        });
        let Some(entry) = entry else { return Ok(None) };
        let bytes = self.must(&entry.digest, MANIFEST_BYTES, &entry.name)?;
        let manifest = Manifest::read(reference, &bytes, file_bytes)?;
        Ok(Some(StoredArtifact { digest: entry.digest, bytes, manifest }))
    }

    /// The candidates for signatures of an artifact.
    ///
    /// # Errors
    /// [`ArtifactError::Damaged`] if one is no longer intact.
    pub fn candidates(&self, digest: &Digest) -> Result<Vec<Candidate>, ArtifactError> {
        Ok(signatures::candidates(&self.signed(digest)?))
    }

    /// The manifests that contain candidates for signatures.
    ///
    /// # Errors
    /// Like [`LocalStore::candidates`].
    pub fn signed(&self, digest: &Digest) -> Result<Vec<Signed>, ArtifactError> {
        let signed = |entry: IndexEntry| {
            let manifest = self.must(&entry.digest, MOST_BYTES, "signature")?;
            let parts = signatures::parts(&manifest).map_err(|_| damaged("signature"))?;
            let parts = parts.into_iter().map(|part| Ok((part.clone(), self.must(&part.digest, MOST_BYTES, "signature")?)));
            Ok(Signed { parts: parts.collect::<Result<_, ArtifactError>>()?, manifest })
        };
        // Only the latest ones: an artifact that is pulled for years accumulates them.
        let all = self.index()?.signatures_of(digest);
        let older = all.len().saturating_sub(MOST);
        all.into_iter().skip(older).map(signed).collect()
    }

    /// The config of a stored artifact.
    ///
    /// # Errors
    /// [`ArtifactError::Damaged`] if it is no longer intact.
    pub fn config(&self, stored: &StoredArtifact) -> Result<Vec<u8>, ArtifactError> {
        self.must(&stored.manifest.config.1, CONFIG_BYTES, "config")
    }

    /// The component of a stored artifact.
    ///
    /// # Errors
    /// [`ArtifactError::Damaged`] if it is no longer intact.
    pub fn component(&self, stored: &StoredArtifact) -> Result<Vec<u8>, ArtifactError> {
        self.must(&stored.manifest.layer.1, stored.manifest.layer.0.size, "component")
    }

    /// A component that is already stored, perhaps for another artifact; `None` if it is missing or damaged.
    pub(super) fn spare(&self, layer: &(Descriptor, Digest)) -> Result<Option<Vec<u8>>, ArtifactError> {
        let bytes = self.files.blob(&layer.1, layer.0.size)?;
        Ok(bytes.filter(|bytes| Digest::of(bytes) == layer.1))
    }

    /// The download of a component. Other processes that need the same one wait until this is dropped.
    pub(super) fn partial(&self, digest: &Digest) -> Result<Partial, ArtifactError> {
        self.files.partial(digest)
    }

    /// Stores an artifact under its name. The previous artifact of that name is removed, unless it has another name.
    ///
    /// # Errors
    /// [`ArtifactError::Store`] if the folder cannot be written.
    pub fn keep(&self, artifact: &Artifact) -> Result<Digest, ArtifactError> {
        let lock = self.files.lock()?;
        self.files.put(&lock, &artifact.config)?;
        self.files.put(&lock, &artifact.component)?;
        let digest = self.files.put(&lock, &artifact.manifest)?;
        let mut index = self.index()?;
        for signed in &artifact.signed {
            signed.parts.iter().try_for_each(|(_, bytes)| self.files.put(&lock, bytes).map(|_| ()))?;
            self.files.put(&lock, &signed.manifest)?;
            index.add_signature(&digest, &Descriptor::of(MANIFEST_TYPE, &signed.manifest));
        }
        index.name(&artifact.reference.name(), &Descriptor::of(MANIFEST_TYPE, &artifact.manifest));
        self.write(&lock, &index)?;
        self.sweep(&lock, &index)?;
        Ok(digest)
    }

    /// Removes the artifacts with a name or a digest, and returns the names they had; empty if there are none.
    ///
    /// # Errors
    /// [`ArtifactError::Store`] if the folder cannot be written.
    pub fn remove(&self, is_meant: impl Fn(&IndexEntry) -> bool) -> Result<Vec<String>, ArtifactError> {
        if self.index()?.artifacts().is_empty() {
            return Ok(Vec::new());
        }
        let lock = self.files.lock()?;
        let mut index = self.index()?;
        let names = index.remove(is_meant);
        self.write(&lock, &index)?;
        self.sweep(&lock, &index)?;
        Ok(names)
    }

    /// All stored artifacts, by name.
    ///
    /// # Errors
    /// [`ArtifactError::Store`] if the folder cannot be read.
    pub fn list(&self) -> Result<Vec<Item>, ArtifactError> {
        let mut entries = self.index()?.artifacts();
        entries.sort_by(|one, other| one.name.cmp(&other.name));
        Ok(entries.into_iter().map(|entry| self.item(entry)).collect())
    }

    fn item(&self, entry: IndexEntry) -> Item {
        let known = |reference: Reference| {
            let stored = self.find(&reference, u64::MAX).ok()??;
            let claim = stored.manifest.claim(&reference, &self.config(&stored).ok()?).ok()?;
            self.component(&stored).ok()?;
            Some(StoredDetails {
                size: stored.manifest.layer.0.size,
                claim,
                signatures: self.candidates(&stored.digest).ok()?.len(),
            })
        };
        Item { known: entry.reference().and_then(known), digest: entry.digest, name: entry.name }
    }

    /// A complete stored artifact.
    ///
    /// # Errors
    /// [`ArtifactError::Damaged`] if a part is no longer intact.
    pub fn artifact(&self, reference: &Reference, stored: &StoredArtifact) -> Result<Artifact, ArtifactError> {
        Ok(Artifact {
            reference: reference.clone(),
            config: self.config(stored)?,
            component: self.component(stored)?,
            signed: self.signed(&stored.digest)?,
            manifest: stored.bytes.clone(),
        })
    }

    fn index(&self) -> Result<Index, ArtifactError> {
        match self.files.read(INDEX_FILE, MANIFEST_BYTES)? {
            Some(bytes) => Index::read(&bytes).ok_or_else(|| ArtifactError::Index(self.files.path(INDEX_FILE))),
            None => Ok(Index::default()),
        }
    }

    fn write(&self, lock: &Lock, index: &Index) -> Result<(), ArtifactError> {
        self.files.write(lock, LAYOUT_FILE.0, LAYOUT_FILE.1)?;
        self.files.write(lock, INDEX_FILE, &index.bytes())
    }

    /// A blob that must exist and be intact.
    fn must(&self, digest: &Digest, limit: u64, what: &str) -> Result<Vec<u8>, ArtifactError> {
        let bytes = self.files.blob(digest, limit)?.filter(|bytes| Digest::of(bytes) == *digest);
        bytes.ok_or_else(|| damaged(what))
    }

    /// Removes blobs that no stored artifact uses.
    fn sweep(&self, lock: &Lock, index: &Index) -> Result<(), ArtifactError> {
        let mut kept = BTreeSet::new();
        for digest in index.manifests() {
            if let Some(bytes) = self.files.blob(&digest, MANIFEST_BYTES)? {
                kept.extend(super::layout::parts_of(&bytes));
            }
            kept.insert(digest);
        }
        self.files.retain(lock, &kept)
    }
}

impl Artifact {
    /// Assembles an artifact from an archive, whose blobs are found by digest.
    ///
    /// # Errors
    /// [`ArtifactError`] like [`Manifest::read`], [`Manifest::claim`] and [`Manifest::check_header`], and for a missing blob.
    pub(super) fn gather(
        reference: &Reference,
        manifest: Vec<u8>,
        signed: Vec<Signed>,
        file_bytes: u64,
        blob: impl Fn(&Digest) -> Option<Vec<u8>>,
    ) -> Result<Self, ArtifactError> {
        let read = Manifest::read(reference, &manifest, file_bytes)?;
        let (config, layer) = (blob(&read.config.1), blob(&read.layer.1));
        let (Some(config), Some(component)) = (config, layer) else {
            let what = if blob(&read.config.1).is_none() { CONFIG_TYPE } else { LAYER_TYPE };
            return Err(of(reference, super::error::LayoutProblem::Missing(what)));
        };
        read.claim(reference, &config)?;
        Manifest::check_header(reference, &component)?;
        Ok(Self { reference: reference.clone(), manifest, config, component, signed })
    }
}

fn damaged(what: &str) -> ArtifactError {
    ArtifactError::Damaged { what: what.to_owned() }
}
