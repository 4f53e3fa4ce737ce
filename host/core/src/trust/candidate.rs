//! What was found beside an artifact and could be a signature of it.

/// Something that could be a signature. Nothing of it is believed yet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Candidate {
    /// A Sigstore bundle (`application/vnd.dev.sigstore.bundle.v0.3+json`), as cosign 3 writes it.
    Bundle(Vec<u8>),
    /// A simple signing payload (`application/vnd.dev.cosign.simplesigning.v1+json`) and its signature in base64, as cosign 2 wrote them.
    Simple {
        /// The payload, byte for byte.
        payload: Vec<u8>,
        /// The signature, base64.
        signature: String,
    },
}
