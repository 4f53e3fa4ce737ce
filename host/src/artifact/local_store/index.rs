//! `index.json`: the names of the artifacts, and the candidates for their signatures.

use crate::artifact::layout::{Descriptor, INDEX_TYPE, ManifestDocument};
use kubephase_core::digest::Digest;
use kubephase_core::reference::Reference;
use std::collections::BTreeSet;

/// The annotation with the name of an artifact (`image-spec`, "Pre-Defined Annotation Keys").
const NAME: &str = "org.opencontainers.image.ref.name";
/// The annotation with the full name where `NAME` is a tag, as in containerd: for archives, in which `oras` and `skopeo` do not
/// accept full names.
const FULL_NAME: &str = "io.containerd.image.name";
/// The annotation with the digest of the artifact that a manifest may be a signature of. It is specific to this plugin.
const SIGNATURE_OF: &str = "bootstrap-token.kubectl/signature-of";

/// The descriptors in the index.
#[derive(Debug, Clone, Default)]
pub(in crate::artifact) struct Index(Vec<Descriptor>);

/// A manifest in the local store.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IndexEntry {
    /// The name of the artifact; empty for a signature.
    pub name: String,
    /// The digest of the manifest.
    pub digest: Digest,
}

impl IndexEntry {
    /// The name as a reference; `None` if another tool gave it an invalid name.
    #[must_use]
    pub fn reference(&self) -> Option<Reference> {
        Reference::parse(&self.name).ok()
    }
}

impl Index {
    /// Parses an index; `None` if it is invalid.
    pub(in crate::artifact) fn read(bytes: &[u8]) -> Option<Self> {
        Some(Self(ManifestDocument::read(bytes).ok()?.manifests?))
    }

    /// The index as bytes of its file.
    pub(in crate::artifact) fn bytes(&self) -> Vec<u8> {
        let document = ManifestDocument {
            schema_version: 2,
            media_type: Some(INDEX_TYPE.to_owned()),
            manifests: Some(self.0.clone()),
            ..ManifestDocument::default()
        };
        // Strings and numbers can always be written as JSON.
        serde_json::to_vec(&document).unwrap_or_default()
    }

    /// All artifacts, whatever their names.
    pub(in crate::artifact) fn artifacts(&self) -> Vec<IndexEntry> {
        let artifacts = self.0.iter().filter(|descriptor| !descriptor.annotations.contains_key(SIGNATURE_OF));
        let entry = |descriptor: &Descriptor| {
            let name = descriptor.annotations.get(FULL_NAME).or_else(|| descriptor.annotations.get(NAME));
            Some(IndexEntry { name: name.cloned().unwrap_or_default(), digest: descriptor.digest().ok()? })
        };
        artifacts.filter_map(entry).collect()
    }

    /// The candidates for signatures of an artifact.
    pub(in crate::artifact) fn signatures_of(&self, digest: &Digest) -> Vec<IndexEntry> {
        let wanted = digest.to_string();
        let of = self.0.iter().filter(|descriptor| descriptor.annotations.get(SIGNATURE_OF) == Some(&wanted));
        of.filter_map(|descriptor| Some(IndexEntry { name: String::new(), digest: descriptor.digest().ok()? })).collect()
    }

    /// All manifests.
    pub(in crate::artifact) fn manifests(&self) -> BTreeSet<Digest> {
        self.0.iter().filter_map(|descriptor| descriptor.digest().ok()).collect()
    }

    /// Gives a manifest a name, and takes it away from any other.
    pub(in crate::artifact) fn name(&mut self, name: &str, descriptor: &Descriptor) {
        self.0.retain(|other| other.annotations.get(NAME).is_none_or(|other| other != name));
        self.add(NAME, name, descriptor);
        self.forget_signatures();
    }

    /// Gives the only artifact of an archive its name.
    pub(in crate::artifact) fn name_only(&mut self, reference: &Reference, descriptor: &Descriptor) {
        let mut descriptor = descriptor.clone();
        let tag = reference.tag().map_or_else(|| "latest".to_owned(), str::to_owned);
        descriptor.annotations = [(NAME.to_owned(), tag), (FULL_NAME.to_owned(), reference.name())].into();
        self.0.push(descriptor);
    }

    /// Adds a candidate for a signature of an artifact, as the newest one.
    pub(in crate::artifact) fn add_signature(&mut self, of: &Digest, descriptor: &Descriptor) {
        let of = of.to_string();
        let is_same = |other: &Descriptor| other.digest == descriptor.digest && other.annotations.get(SIGNATURE_OF) == Some(&of);
        self.0.retain(|other| !is_same(other));
        self.add(SIGNATURE_OF, &of, descriptor);
    }

    fn add(&mut self, key: &str, value: &str, descriptor: &Descriptor) {
        let mut descriptor = descriptor.clone();
        descriptor.annotations = [(key.to_owned(), value.to_owned())].into();
        self.0.push(descriptor);
    }

    /// Removes artifacts and returns their names.
    pub(in crate::artifact) fn remove(&mut self, is_meant: impl Fn(&IndexEntry) -> bool) -> Vec<String> {
        let removed: Vec<IndexEntry> = self.artifacts().into_iter().filter(|entry| is_meant(entry)).collect();
        self.0.retain(|descriptor| {
            let name = descriptor.annotations.get(NAME).map_or("", String::as_str);
            let is_signature = descriptor.annotations.contains_key(SIGNATURE_OF);
            is_signature || !removed.iter().any(|entry| entry.name == name && entry.digest.to_string() == descriptor.digest)
        });
        self.forget_signatures();
        removed.into_iter().map(|entry| entry.name).collect()
    }

    /// Removes signatures of artifacts that no longer exist.
    fn forget_signatures(&mut self) {
        let kept: BTreeSet<String> = self.artifacts().into_iter().map(|entry| entry.digest.to_string()).collect();
        self.0.retain(|descriptor| descriptor.annotations.get(SIGNATURE_OF).is_none_or(|of| kept.contains(of)));
    }
}
