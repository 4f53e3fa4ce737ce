//! The candidates for signatures beside an artifact, collected in the same way from a registry, the local store and an archive.
//! They are untrusted; the trust decision sorts out those that are not signatures.

use super::error::LayoutProblem;
use super::layout::ManifestDocument;
use kubephase_core::digest::Digest;
use kubephase_core::trust::Candidate;

/// The maximum number of manifests and blobs that are examined.
pub const MOST: usize = 64;
/// The maximum size of each, bytes.
pub const MOST_BYTES: u64 = 1 << 20;
/// A Sigstore bundle, as cosign 3 attaches it. Only the layer type identifies it: the artifact type differs between tools.
const BUNDLE_TYPE: &str = "application/vnd.dev.sigstore.bundle.v0.3+json";
/// The payload that cosign 2 signs.
const SIMPLE_TYPE: &str = "application/vnd.dev.cosign.simplesigning.v1+json";
/// The annotation in which cosign 2 stores the signature.
const SIMPLE_SIGNATURE: &str = "dev.cosignproject.cosign/signature";

/// A manifest beside an artifact, with its layers that are candidates for signatures.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Signed {
    /// The bytes of the manifest.
    pub manifest: Vec<u8>,
    /// The layers, with their bytes.
    pub parts: Vec<(SignaturePart, Vec<u8>)>,
}

/// A layer that is a candidate for a signature.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SignaturePart {
    /// The digest of the layer.
    pub digest: Digest,
    /// The format of the layer.
    pub sort: SignatureSort,
}

/// The format of a candidate.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SignatureSort {
    /// A Sigstore bundle.
    Bundle,
    /// A simple signing payload, with its signature.
    Simple(String),
}

/// The layers of a manifest that are candidates for signatures; empty for an unrelated manifest.
///
/// # Errors
/// [`LayoutProblem`] if it is not a manifest.
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

/// All candidates for signatures.
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
            // Without a signature it is not a candidate.
            layer("application/vnd.dev.cosign.simplesigning.v1+json", None),
            layer("application/spdx+json", None),
        ]});
        let found = parts(manifest.to_string().as_bytes()).unwrap();
        let sorts: Vec<SignatureSort> = found.into_iter().map(|part| part.sort).collect();
        assert_eq!(sorts, [SignatureSort::Bundle, SignatureSort::Simple("c2ln".to_owned())]);
    }
}
