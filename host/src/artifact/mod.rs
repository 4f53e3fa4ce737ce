//! Phases as OCI artifacts: [`layout`] (the format), [`registry`] (the source), [`local_store`] (the storage), [`archive`]
//! (transfer without a network), and [`pull`] (the only path from a registry to the local store).
//!
//! Whether an artifact is trusted is not decided here but by a [`Judge`], which is asked before anything but the manifest and the
//! candidates for signatures is fetched, and again each time the artifact is read from the local store.

pub mod archive;
pub mod error;
pub mod layout;
pub mod local_store;
pub mod pull;
pub mod registry;
pub mod signatures;
#[cfg(test)]
mod tests;

pub use error::ArtifactError;

use kubephase_core::digest::Digest;
use kubephase_core::reference::Reference;
use kubephase_core::trust::{Candidate, TrustRefusal, Trusted};

/// An artifact of which only the manifest and the candidates for signatures are known.
pub struct Found<'a> {
    /// The requested reference.
    pub reference: &'a Reference,
    /// The digest of the manifest's bytes.
    pub digest: &'a Digest,
    /// The candidates for signatures found beside it.
    pub candidates: &'a [Candidate],
}

/// Decides whether an artifact is trusted.
pub trait Judge {
    /// Decides about an artifact before its component is fetched or read, and before any of it is stored.
    ///
    /// # Errors
    /// [`TrustRefusal`], with the reason.
    fn judge(&self, found: &Found<'_>) -> Result<Trusted, TrustRefusal>;
}
