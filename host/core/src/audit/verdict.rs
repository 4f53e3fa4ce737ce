//! The verdict of an audit, and how many findings led to it.

use super::Audited;
use crate::finding::Severity;
use crate::outcome::Outcome;
use std::cmp::Reverse;

/// The verdict of an audit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[cfg_attr(feature = "schemas", derive(schemars::JsonSchema), schemars(rename_all = "lowercase"))]
pub enum AuditVerdict {
    /// No finding counts.
    Clean,
    /// At least one finding counts.
    Findings,
    /// A cluster could not be audited, and no finding in the others counts.
    Unknown,
}

impl AuditVerdict {
    /// The verdict as a word.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Clean => "clean",
            Self::Findings => "findings",
            Self::Unknown => "unknown",
        }
    }

    /// All, those first that need somebody. A finding that counts is decisive even if another cluster could not be audited.
    pub const BY_NEED: [Self; 3] = [Self::Findings, Self::Unknown, Self::Clean];

    /// The verdict on several clusters.
    #[must_use]
    pub fn of_all(verdicts: impl Iterator<Item = Self>) -> Self {
        verdicts.min_by_key(|verdict| verdict.place()).unwrap_or(Self::Clean)
    }

    fn place(self) -> Option<usize> {
        Self::BY_NEED.iter().position(|verdict| *verdict == self)
    }

    /// The outcome of the run.
    #[must_use]
    pub const fn outcome(self) -> Outcome {
        match self {
            Self::Clean => Outcome::Done,
            Self::Findings => Outcome::No,
            Self::Unknown => Outcome::Failed,
        }
    }
}

/// The number of findings.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Counts {
    /// Findings of each severity that are not ignored, in the order of [`Severity::ALL`].
    pub of: [usize; Severity::ALL.len()],
    /// Findings that reach the threshold.
    pub counting: usize,
    /// Findings that are ignored.
    pub ignored: usize,
}

/// What is left of a cluster once its report is written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Summary {
    /// The user's name for the cluster.
    pub cluster: String,
    /// The verdict on it.
    pub verdict: AuditVerdict,
    /// How many findings it has.
    pub counts: Counts,
}

impl Summary {
    /// The summary of a cluster.
    #[must_use]
    pub fn of(cluster: &Audited) -> Self {
        Self { cluster: cluster.cluster.clone(), verdict: cluster.verdict(), counts: cluster.counts() }
    }

    /// Where the cluster stands in a list: the worst first.
    #[must_use]
    pub fn place(self) -> impl Ord {
        (self.verdict.place(), self.counts.of.map(Reverse), self.cluster)
    }

    /// How many clusters have each verdict, in words.
    #[must_use]
    pub fn totals(verdicts: impl Iterator<Item = AuditVerdict> + Clone) -> String {
        let count = |verdict| verdicts.clone().filter(|found| *found == verdict).count();
        AuditVerdict::BY_NEED.map(|verdict| format!("{} {}", count(verdict), verdict.as_str())).join(", ")
    }

    /// The verdict on all clusters.
    #[must_use]
    pub fn verdict(all: &[Self]) -> AuditVerdict {
        AuditVerdict::of_all(all.iter().map(|summary| summary.verdict))
    }
}

impl Counts {
    /// All findings that are not ignored.
    #[must_use]
    pub fn total(&self) -> usize {
        self.of.iter().sum()
    }

    /// Each severity with its count, worst first.
    pub fn by_severity(&self) -> impl Iterator<Item = (Severity, usize)> {
        Severity::ALL.into_iter().zip(self.of)
    }
}
