//! The bytes of a phase together with the trust decision that allows it to run.

use super::Digest;
use super::source::ComponentBytes;
use kubephase_core::trust::Trusted;

/// Bytes with a decision that they may be run. Admission accepts nothing else, so no untrusted phase is ever compiled.
/// Constructed once per run, where the bytes were verified.
pub struct Vouched {
    pub(super) bytes: ComponentBytes,
    pub(super) digest: Digest,
    trusted: Trusted,
}

impl Vouched {
    /// These bytes, and the decision about the file itself or about the manifest that contains its digest.
    #[must_use]
    pub fn new(bytes: ComponentBytes, trusted: Trusted) -> Self {
        Self { digest: bytes.digest(), bytes, trusted }
    }

    /// The component.
    #[must_use]
    pub fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// The digest of the component.
    #[must_use]
    pub const fn digest(&self) -> &Digest {
        &self.digest
    }

    /// Why it may be run.
    #[must_use]
    pub const fn trusted(&self) -> &Trusted {
        &self.trusted
    }
}
