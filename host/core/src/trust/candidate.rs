//! Possible signatures found next to an artifact.

/// A possible signature, not verified yet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Candidate {
    /// A Sigstore bundle (`application/vnd.dev.sigstore.bundle.v0.3+json`), as written by cosign 3.
    Bundle(Vec<u8>),
    /// A simple signing payload (`application/vnd.dev.cosign.simplesigning.v1+json`) and its signature in base64, as written by
    /// cosign 2.
    Simple {
        /// The payload, byte for byte.
        payload: Vec<u8>,
        /// The signature, base64.
        signature: String,
    },
}
