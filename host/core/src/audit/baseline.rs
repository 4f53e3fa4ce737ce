//! An earlier audit, beside which findings are new or known.

use std::collections::BTreeSet;

/// The findings of an earlier audit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Baseline {
    /// The fingerprints of its findings, each with the name of its cluster: one cluster's do not stand for another's.
    pub fingerprints: BTreeSet<(String, String)>,
    /// What counts.
    pub counting: Counting,
}

/// Which findings count, beside an earlier audit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Counting {
    /// All of them.
    All,
    /// Only those that it did not have.
    New,
}

/// Whether an earlier audit had a finding.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Novelty {
    /// It did not.
    New,
    /// It did.
    Known,
}

impl Baseline {
    pub(super) fn novelty(&self, cluster: &str, fingerprint: &str) -> Novelty {
        if self.fingerprints.contains(&(cluster.to_owned(), fingerprint.to_owned())) { Novelty::Known } else { Novelty::New }
    }
}
