//! Phases as OCI artifacts: [`layout`] (what one looks like), [`registry`] (where it comes from), [`local_store`] (where it is kept), [`archive`]
//! (how it travels without a network), and [`pull`] (the one way from a registry to the local store).
//!
//! Nothing here decides whether an artifact is trusted. A [`Judge`] does, who is asked before anything of an artifact is fetched but its
//! manifest and what could be signatures, and again each time it is taken from the local store.

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

/// An artifact of which only the manifest is known.
pub struct Found<'a> {
    /// What was asked for.
    pub reference: &'a Reference,
    /// The digest of the manifest's bytes.
    pub digest: &'a Digest,
    /// What was found beside it.
    pub candidates: &'a [Candidate],
}

/// Whether an artifact may come in.
pub trait Judge {
    /// Looks at an artifact before its component is fetched or read, and before anything of it is kept.
    ///
    /// # Errors
    /// [`Refusal`], with the reason.
    fn judge(&self, found: &Found<'_>) -> Result<Trusted, TrustRefusal>;
}
