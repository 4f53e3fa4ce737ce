//! Which servers may be contacted about a join command.

use kubephase_core::join::Endpoint;

/// Which servers may be contacted.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Reach<'a> {
    /// Those in the join command and in cluster-info: the user typed the command.
    Anywhere,
    /// Only these.
    Only(&'a [Endpoint]),
}

impl Reach<'_> {
    /// Whether an endpoint may be contacted.
    pub(super) fn has(self, endpoint: &Endpoint) -> bool {
        match self {
            Self::Anywhere => true,
            Self::Only(known) => known.contains(endpoint),
        }
    }

    /// Whether the server of a kubeconfig may be contacted.
    pub(super) fn has_url(self, url: &str) -> bool {
        match self {
            Self::Anywhere => true,
            Self::Only(_) => Endpoint::of_url(url).is_some_and(|endpoint| self.has(&endpoint)),
        }
    }
}
