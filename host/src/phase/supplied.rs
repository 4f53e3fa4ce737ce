//! The bytes of a phase, before anything is decided about them.

use crate::artifact::pull::Brought;
use crate::component::ComponentBytes;

/// A phase that was read.
pub(crate) enum Supplied {
    /// Embedded or from a file: not verified yet.
    Local(ComponentBytes),
    /// An artifact, verified by its manifest before anything of it was fetched, and again when it was read from the local store.
    Artifact(Box<Brought>),
}

impl Supplied {
    /// The bytes of the component.
    pub(crate) fn component(&self) -> &[u8] {
        match self {
            Self::Local(bytes) => bytes,
            Self::Artifact(brought) => &brought.component,
        }
    }
}
