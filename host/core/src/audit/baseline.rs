//! An earlier audit, beside which findings are new or known.

use std::collections::{BTreeMap, BTreeSet};

/// The findings of an earlier audit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Baseline {
    /// The fingerprints of its findings by the name of their cluster: one cluster's do not stand for another's.
    pub fingerprints: BTreeMap<String, BTreeSet<String>>,
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
        let is_known = self.fingerprints.get(cluster).is_some_and(|known| known.contains(fingerprint));
        if is_known { Novelty::Known } else { Novelty::New }
    }

    /// Whether such a finding may count.
    pub(super) fn counts(&self, novelty: Novelty) -> bool {
        self.counting == Counting::All || novelty == Novelty::New
    }
}
