//! What is found beside an artifact and could be a signature. It is gathered here, the same way from a registry, the local store and an archive;
//! nothing of it is believed, and what is no signature in the end is left to whoever judges.

use super::error::LayoutProblem;
use super::layout::ManifestDocument;
use kubephase_core::digest::Digest;
use kubephase_core::trust::Candidate;

/// The most manifests and blobs that anybody looks at.
pub const MOST: usize = 64;
/// None of them is larger, bytes.
pub const MOST_BYTES: u64 = 1 << 20;
/// A Sigstore bundle, as cosign 3 attaches it. Only the type of the layer tells it: the artifact type differs from tool to tool.
const BUNDLE_TYPE: &str = "application/vnd.dev.sigstore.bundle.v0.3+json";
/// What cosign 2 signed.
const SIMPLE_TYPE: &str = "application/vnd.dev.cosign.simplesigning.v1+json";
/// Where cosign 2 put the signature.
const SIMPLE_SIGNATURE: &str = "dev.cosignproject.cosign/signature";

/// A manifest beside an artifact, with those of its layers that could be signatures.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Signed {
    /// The bytes of the manifest.
    pub manifest: Vec<u8>,
    /// The layers, with their bytes.
    pub parts: Vec<(SignaturePart, Vec<u8>)>,
}

/// A layer that could be a signature.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SignaturePart {
    /// The digest of its bytes.
    pub digest: Digest,
    /// What it is.
    pub sort: SignatureSort,
}

/// What a layer is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SignatureSort {
    /// A bundle.
    Bundle,
    /// A payload, whose signature this is.
    Simple(String),
}

/// The layers of a manifest that could be signatures; none of one that is about something else.
///
/// # Errors
/// [`LayoutProblem`] if it is no manifest.
pub fn parts(manifest: &[u8]) -> Result<Vec<SignaturePart>, LayoutProblem> {
    let mut parts = Vec::new();
    for layer in ManifestDocument::read(manifest)?.layers.unwrap_or_default() {
        let sort = match (layer.media_type.as_str(), layer.annotations.get(SIMPLE_SIGNATURE)) {
            (BUNDLE_TYPE, _) => SignatureSort::Bundle,
            (SIMPLE_TYPE, Some(signature)) => SignatureSort::Simple(signature.clone()),
            _ => continue,
        };
        parts.push(SignaturePart { digest: layer.digest()?, sort });
    }
    Ok(parts)
}

/// All that could be signatures.
#[must_use]
pub fn candidates(signed: &[Signed]) -> Vec<Candidate> {
    let parts = signed.iter().flat_map(|signed| &signed.parts);
    let candidate = |(part, bytes): &(SignaturePart, Vec<u8>)| match &part.sort {
        SignatureSort::Bundle => Candidate::Bundle(bytes.clone()),
        SignatureSort::Simple(signature) => Candidate::Simple { payload: bytes.clone(), signature: signature.clone() },
    };
    parts.map(candidate).collect()
}

#[cfg(test)]
mod tests {
    use super::{SignatureSort, parts};
    use kubephase_core::digest::Digest;
    use serde_json::json;

    #[test]
    fn the_type_of_the_layer_tells() {
        let digest = Digest::of(b"x").to_string();
        let layer = |kind: &str, signature: Option<&str>| {
            let annotations = signature.map_or(json!({}), |signature| json!({ "dev.cosignproject.cosign/signature": signature }));
            json!({ "mediaType": kind, "digest": digest, "size": 1, "annotations": annotations })
        };
        let manifest = json!({ "schemaVersion": 2, "artifactType": "application/spdx+json", "layers": [
            layer("application/vnd.dev.sigstore.bundle.v0.3+json", None),
            layer("application/vnd.dev.cosign.simplesigning.v1+json", Some("c2ln")),
            // Without a signature there is nothing to look at.
            layer("application/vnd.dev.cosign.simplesigning.v1+json", None),
            layer("application/spdx+json", None),
        ]});
        let found = parts(manifest.to_string().as_bytes()).unwrap();
        let sorts: Vec<SignatureSort> = found.into_iter().map(|part| part.sort).collect();
        assert_eq!(sorts, [SignatureSort::Bundle, SignatureSort::Simple("c2ln".to_owned())]);
    }
}
