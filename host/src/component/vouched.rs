//! The bytes of a phase that may be run: trust as a value.

use super::Digest;
use kubephase_core::trust::Trusted;
use std::borrow::Cow;

/// Bytes for which there is a decision that they may be run. Admission takes nothing else, so that no phase is compiled that nobody vouches
/// for. It is made once for each run, by who judged the bytes.
pub struct Vouched {
    pub(super) bytes: Cow<'static, [u8]>,
    pub(super) digest: Digest,
    trusted: Trusted,
}

impl Vouched {
    /// These bytes, and the decision about them: about the file itself, or the manifest that names its digest.
    #[must_use]
    pub fn new(bytes: Cow<'static, [u8]>, trusted: Trusted) -> Self {
        Self { digest: Digest::of(&bytes), bytes, trusted }
    }

    /// The component.
    #[must_use]
    pub fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// Its digest.
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
