//! A phase as an OCI artifact: the CNCF layout for WebAssembly components, as `wkg` and `oci-wasm` write it
//! (<https://tag-runtime.cncf.io/wgs/wasm/deliverables/wasm-oci-artifact/>): a manifest, a small config, and the component as one
//! layer.

use super::error::{ArtifactError, LayoutProblem};
use kubephase_core::claim::{CLAIM_KEY, Claim, ClaimDocument};
use kubephase_core::digest::Digest;
use kubephase_core::reference::Reference;
use kubephase_core::structure::Structure;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use std::collections::BTreeMap;

/// The media type of a manifest.
pub const MANIFEST_TYPE: &str = "application/vnd.oci.image.manifest.v1+json";
/// The media type of an index.
pub const INDEX_TYPE: &str = "application/vnd.oci.image.index.v1+json";
/// The media type of the config.
pub const CONFIG_TYPE: &str = "application/vnd.wasm.config.v0+json";
/// The media type of the component.
pub const LAYER_TYPE: &str = "application/wasm";
/// The annotation with the file name that other tools write the layer to.
const TITLE: &str = "org.opencontainers.image.title";
/// The maximum size of a manifest, bytes.
pub const MANIFEST_BYTES: u64 = 4 << 20;
/// The maximum size of a config, bytes.
pub const CONFIG_BYTES: u64 = 1 << 20;
/// The creation time of every config: constant, so that the same component always has the same digest.
const CREATED: &str = "1970-01-01T00:00:00Z";
/// The first bytes of a component: the magic number, and the version of the component layer.
const COMPONENT_HEADER: [u8; 8] = *b"\0asm\x0d\0\x01\0";

/// A descriptor: a part of an artifact, as a manifest or an index refers to it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Descriptor {
    /// The media type of the part.
    pub media_type: String,
    /// The digest of the part.
    pub digest: String,
    /// The size of the part, bytes.
    pub size: u64,
    /// The annotations of the part.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub annotations: BTreeMap<String, String>,
}

/// A manifest or an index, with the fields that matter here. Other fields are ignored.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct ManifestDocument {
    pub(super) schema_version: u64,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) media_type: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) config: Option<Descriptor>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) layers: Option<Vec<Descriptor>>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) manifests: Option<Vec<Descriptor>>,
}

/// The manifest of a phase.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Manifest {
    /// The config and its digest.
    pub config: (Descriptor, Digest),
    /// The component and its digest.
    pub layer: (Descriptor, Digest),
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct ConfigDocument {
    #[serde(default)]
    os: Option<String>,
    #[serde(default)]
    layer_digests: Option<Vec<String>>,
    #[serde(default, rename = "bootstrap-token.kubectl/phase")]
    claim: Option<Value>,
}

/// A phase as an artifact, ready to be pushed.
pub struct Built {
    /// The bytes of the manifest.
    pub manifest: Vec<u8>,
    /// The digest of the manifest, which is the artifact's.
    pub digest: Digest,
    /// The bytes of the config.
    pub config: Vec<u8>,
}

impl Descriptor {
    /// The descriptor of some bytes.
    #[must_use]
    pub fn of(media_type: &str, bytes: &[u8]) -> Self {
        Self {
            media_type: media_type.to_owned(),
            digest: Digest::of(bytes).to_string(),
            size: bytes.len() as u64,
            annotations: BTreeMap::new(),
        }
    }

    /// The digest in parsed form.
    ///
    /// # Errors
    /// [`LayoutProblem::Digest`] if it is invalid.
    pub fn digest(&self) -> Result<Digest, LayoutProblem> {
        Digest::parse(&self.digest).ok_or_else(|| LayoutProblem::Digest(self.digest.clone()))
    }
}

impl ManifestDocument {
    /// Reads a manifest or an index.
    pub(super) fn read(bytes: &[u8]) -> Result<Self, LayoutProblem> {
        let document: Self = serde_json::from_slice(bytes).map_err(|error| malformed("manifest", error))?;
        if document.schema_version != 2 {
            return Err(malformed("manifest", format_args!("its schemaVersion is {}", document.schema_version)));
        }
        Ok(document)
    }
}

impl Manifest {
    /// Parses the manifest of a phase.
    ///
    /// # Errors
    /// [`ArtifactError::Layout`] for another config or layer type, several layers, or an index; and [`ArtifactError::TooLarge`]
    /// for a component larger than `file_bytes`, or a config larger than [`CONFIG_BYTES`].
    pub fn read(reference: &Reference, bytes: &[u8], file_bytes: u64) -> Result<Self, ArtifactError> {
        let manifest = Self::parts(bytes).map_err(|problem| of(reference, problem))?;
        for (what, size, limit) in
            [("config", manifest.config.0.size, CONFIG_BYTES), ("component", manifest.layer.0.size, file_bytes)]
        {
            if size > limit {
                return Err(ArtifactError::TooLarge { what, limit });
            }
        }
        Ok(manifest)
    }

    fn parts(bytes: &[u8]) -> Result<Self, LayoutProblem> {
        let document = ManifestDocument::read(bytes)?;
        if let Some(manifests) = document.manifests {
            return Err(LayoutProblem::Index(manifests.len()));
        }
        let missing = |what: &str| malformed("manifest", format_args!("it has no {what}"));
        let config = document.config.ok_or_else(|| missing("config"))?;
        if config.media_type != CONFIG_TYPE {
            return Err(LayoutProblem::Config(config.media_type));
        }
        let mut layers = document.layers.unwrap_or_default();
        let (Some(layer), true) = (layers.pop(), layers.is_empty()) else {
            return Err(LayoutProblem::Layers(if layers.is_empty() { 0 } else { layers.len() + 1 }));
        };
        if layer.media_type != LAYER_TYPE {
            return Err(LayoutProblem::Layer(layer.media_type));
        }
        Ok(Self { config: (config.clone(), config.digest()?), layer: (layer.clone(), layer.digest()?) })
    }

    /// The claim in the config; `None` if there is none, as in configs of other tools, or it is of an unknown version.
    ///
    /// # Errors
    /// [`ArtifactError::Layout`] for an invalid config, one for another layer or for a core module, or one with an invalid claim.
    pub fn claim(&self, reference: &Reference, config: &[u8]) -> Result<Option<Claim>, ArtifactError> {
        self.read_claim(config).map_err(|problem| of(reference, problem))
    }

    fn read_claim(&self, config: &[u8]) -> Result<Option<Claim>, LayoutProblem> {
        let document: ConfigDocument = serde_json::from_slice(config).map_err(|error| malformed("config", error))?;
        if document.os.as_deref() == Some("wasip1") {
            return Err(LayoutProblem::CoreModule);
        }
        if document.layer_digests.is_some_and(|digests| digests != [self.layer.0.digest.clone()]) {
            return Err(LayoutProblem::OtherLayer);
        }
        let Some(claim) = document.claim else { return Ok(None) };
        let version = claim.get("apiVersion").and_then(Value::as_str).unwrap_or_default();
        if !ClaimDocument::is_known(version) {
            return Ok(None);
        }
        let document: ClaimDocument = serde_json::from_value(claim).map_err(|error| malformed("config", error))?;
        Claim::try_from(document).map(Some).map_err(LayoutProblem::Claim)
    }

    /// Checks whether bytes are a component at all, before they are stored.
    ///
    /// # Errors
    /// [`ArtifactError::Layout`] for a core module, and for bytes that are not WebAssembly.
    pub fn check_header(reference: &Reference, component: &[u8]) -> Result<(), ArtifactError> {
        let problem = match component.get(..8) {
            Some(header) if header == COMPONENT_HEADER => return Ok(()),
            Some(header) if header.starts_with(b"\0asm\x01\0\0\0") => LayoutProblem::CoreModule,
            _ => LayoutProblem::NotWasm,
        };
        Err(of(reference, problem))
    }
}

/// The digests of all parts of a manifest; empty if it cannot be parsed.
pub(super) fn parts_of(manifest: &[u8]) -> Vec<Digest> {
    let document = ManifestDocument::read(manifest).unwrap_or_default();
    let parts = document.config.into_iter().chain(document.layers.unwrap_or_default());
    parts.filter_map(|part| part.digest().ok()).collect()
}

fn malformed(part: &'static str, cause: impl std::fmt::Display) -> LayoutProblem {
    LayoutProblem::Malformed { part, cause: cause.to_string() }
}

/// An error in an artifact.
pub(super) fn of(reference: &Reference, problem: LayoutProblem) -> ArtifactError {
    ArtifactError::Layout { reference: reference.to_string(), problem }
}

/// An error in an object beside an artifact.
pub(super) fn beside(reference: &Reference, problem: LayoutProblem) -> ArtifactError {
    ArtifactError::Beside { reference: reference.to_string(), problem }
}

/// Builds the artifact of a component. The same component gives the same bytes, and so the same digest.
#[must_use]
pub fn build(component: &[u8], title: &str, structure: &Structure, claim: &Claim) -> Built {
    let mut layer = Descriptor::of(LAYER_TYPE, component);
    layer.annotations.insert(TITLE.to_owned(), title.to_owned());
    let config = json!({
        "created": CREATED,
        "author": null,
        "architecture": "wasm",
        "os": "wasip2",
        "layerDigests": [&layer.digest],
        "component": { "exports": &structure.exports, "imports": &structure.imports, "target": null },
        CLAIM_KEY: claim.to_document(),
    });
    let config = config.to_string().into_bytes();
    let manifest = json!({
        "schemaVersion": 2,
        "mediaType": MANIFEST_TYPE,
        "config": Descriptor::of(CONFIG_TYPE, &config),
        "layers": [&layer],
    });
    let manifest = manifest.to_string().into_bytes();
    Built { digest: Digest::of(&manifest), manifest, config }
}
