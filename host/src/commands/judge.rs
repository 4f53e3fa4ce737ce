//! Who decides which artifacts come in, and which are run: the operator's policy.

use super::trust::Judge as Policy;
use crate::artifact::{Found, Judge};
use kubephase_core::log::{Level, Log};
use kubephase_core::trust::Refusal;

/// The policy, and who is told of what it allowed.
pub(super) struct ByPolicy<'a> {
    pub(super) policy: Policy,
    pub(super) log: &'a dyn Log,
}

impl Judge for ByPolicy<'_> {
    fn judge(&self, found: &Found<'_>) -> Result<(), Refusal> {
        let Found { reference, digest, candidates } = found;
        let trusted = self.policy.artifact(reference, digest, candidates)?;
        self.log.line(Level::Trust, &|| format!("{}: {trusted}", reference.pinned(digest)));
        Ok(())
    }
}
