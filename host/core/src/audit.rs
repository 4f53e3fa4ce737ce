//! What came of an audit: which findings count, which are ignored and why, and what that means. One model, from which every format is
//! made.

mod ignore;
#[cfg(test)]
mod tests;

pub use ignore::{Ignore, IgnoresDocument, InvalidIgnore};

use crate::digest::Digest;
use crate::finding::{Finding, Severity};
use crate::object::ObjectRef;
use crate::operation::OperationId;
use crate::outcome::Outcome;
use crate::saved::PhaseDocument;
use jiff::Timestamp;
use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};

/// From which severity on a finding counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Threshold {
    /// From this one on.
    At(Severity),
    /// None does.
    Never,
}

impl Threshold {
    /// The lower case name.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::At(severity) => severity.as_str(),
            Self::Never => "never",
        }
    }

    fn is_reached(self, severity: Severity) -> bool {
        matches!(self, Self::At(least) if severity >= least)
    }
}

/// What was heard of one cluster.
#[derive(Debug, Clone, PartialEq)]
pub struct Heard {
    /// What the user calls it.
    pub cluster: String,
    /// What tells it from other clusters, and stays the same however it is reached.
    pub identity: String,
    /// What the phase found, or the lines that say why it could not look.
    pub result: Result<Vec<Finding>, Vec<String>>,
}

/// How an audit is judged.
#[derive(Debug, Clone, PartialEq)]
pub struct Terms {
    /// From which severity on findings count.
    pub threshold: Threshold,
    /// What is ignored.
    pub ignores: Vec<Ignore>,
    /// The time by which an ignore may be over.
    pub now: Timestamp,
}

impl Terms {
    /// The operations that cure nothing but what is ignored.
    #[must_use]
    pub fn needless(&self, findings: &[Finding]) -> BTreeSet<OperationId> {
        let is_ignored = |finding: &Finding| {
            let mut ignores = self.ignores.iter().filter(|ignore| !ignore.is_over(self.now));
            ignores.any(|ignore| ignore.fits(finding))
        };
        let (ignored, others): (Vec<_>, Vec<_>) = findings.iter().partition(|finding| is_ignored(finding));
        let needed: BTreeSet<&OperationId> = others.iter().flat_map(|finding| &finding.remedy).collect();
        let remedies = ignored.iter().flat_map(|finding| &finding.remedy);
        remedies.filter(|id| !needed.contains(id)).cloned().collect()
    }
}

/// What came of an audit.
#[derive(Debug, Clone, PartialEq)]
pub struct Audit {
    /// The phase that found it.
    pub phase: PhaseDocument,
    /// How it was judged.
    pub terms: Terms,
    /// The clusters, in the order in which they were named.
    pub clusters: Vec<Audited>,
    /// For each ignore of the terms whether it was of use.
    uses: Vec<Use>,
}

/// Whether an ignore was of use.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Use {
    Used,
    Unused,
}

/// What came of the audit of one cluster.
#[derive(Debug, Clone, PartialEq)]
pub struct Audited {
    /// What the user calls it.
    pub cluster: String,
    /// What was found, the worst first; or the lines that say why nobody could look.
    pub result: Result<Vec<Judged>, Vec<String>>,
}

/// A finding, and what is thought of it.
#[derive(Debug, Clone, PartialEq)]
pub struct Judged {
    /// The finding.
    pub finding: Finding,
    /// The same at each audit of this cluster, for this rule and this object: `sha256:<hex>`.
    pub fingerprint: String,
    /// What it means.
    pub weight: Weight,
}

/// What a finding means for the verdict.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Weight {
    /// It reaches the threshold.
    Counts,
    /// It does not.
    Below,
    /// It was to be ignored; by this reason.
    Ignored(String),
}

/// What an audit says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AuditVerdict {
    /// Nothing that counts was found.
    Clean,
    /// Something was.
    Findings,
    /// A cluster could not be looked at, and nothing that counts was found in the others.
    Unknown,
}

impl AuditVerdict {
    /// The word for it.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Clean => "clean",
            Self::Findings => "findings",
            Self::Unknown => "unknown",
        }
    }

    /// What it means for the run.
    #[must_use]
    pub const fn outcome(self) -> Outcome {
        match self {
            Self::Clean => Outcome::Done,
            Self::Findings => Outcome::No,
            Self::Unknown => Outcome::Failed,
        }
    }
}

/// How many findings there are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Counts {
    /// Those of each severity that are not ignored, in the order of [`Severity::ALL`].
    pub of: [usize; Severity::ALL.len()],
    /// Those that reach the threshold.
    pub counting: usize,
    /// Those that are ignored.
    pub ignored: usize,
}

impl Counts {
    /// All that are not ignored.
    #[must_use]
    pub fn total(&self) -> usize {
        self.of.iter().sum()
    }

    /// Each severity with its number, the worst first.
    pub fn by_severity(&self) -> impl Iterator<Item = (Severity, usize)> {
        Severity::ALL.into_iter().zip(self.of)
    }
}

impl Audit {
    /// Judges what was heard of each cluster.
    #[must_use]
    pub fn judge(phase: PhaseDocument, terms: Terms, heard: Vec<Heard>) -> Self {
        let mut uses = vec![Use::Unused; terms.ignores.len()];
        let clusters = heard.into_iter().map(|heard| Audited::judge(heard, &terms, &mut uses)).collect();
        Self { phase, terms, clusters, uses }
    }

    /// What it says. A finding that counts is an answer even if another cluster could not be looked at.
    #[must_use]
    pub fn verdict(&self) -> AuditVerdict {
        let verdicts: Vec<AuditVerdict> = self.clusters.iter().map(Audited::verdict).collect();
        let worst = [AuditVerdict::Findings, AuditVerdict::Unknown].into_iter().find(|verdict| verdicts.contains(verdict));
        worst.unwrap_or(AuditVerdict::Clean)
    }

    /// The ignores that are over.
    pub fn expired(&self) -> impl Iterator<Item = &Ignore> {
        self.terms.ignores.iter().filter(|ignore| ignore.is_over(self.terms.now))
    }

    /// The ignores that are not over and that nothing was found for; none if a cluster could not be looked at, since it may have what
    /// they are for.
    pub fn unused(&self) -> impl Iterator<Item = &Ignore> {
        let is_whole = self.clusters.iter().all(|cluster| cluster.result.is_ok());
        let ignores = self.terms.ignores.iter().zip(&self.uses).filter(move |_| is_whole);
        let unused = ignores.filter(|(ignore, used)| **used == Use::Unused && !ignore.is_over(self.terms.now));
        unused.map(|(ignore, _)| ignore)
    }
}

impl Audited {
    fn judge(heard: Heard, terms: &Terms, uses: &mut [Use]) -> Self {
        let Heard { cluster, identity, result } = heard;
        let result = result.map(|mut findings| {
            findings.sort_by_cached_key(|finding| {
                let object = finding.target.as_ref().map(qualified);
                (Reverse(finding.severity), finding.rule.clone(), object, finding.title.clone())
            });
            let mut seen = BTreeMap::new();
            let judge = |finding: Finding| {
                let weight = weigh(&finding, terms, uses);
                Judged { fingerprint: fingerprint(&finding, &identity, &mut seen), weight, finding }
            };
            findings.into_iter().map(judge).collect()
        });
        Self { cluster, result }
    }

    /// All findings; none of a cluster that could not be looked at.
    #[must_use]
    pub fn findings(&self) -> &[Judged] {
        self.result.as_deref().unwrap_or_default()
    }

    /// What the audit of this cluster says.
    #[must_use]
    pub fn verdict(&self) -> AuditVerdict {
        match &self.result {
            Err(_) => AuditVerdict::Unknown,
            Ok(findings) if findings.iter().any(|judged| judged.weight == Weight::Counts) => AuditVerdict::Findings,
            Ok(_) => AuditVerdict::Clean,
        }
    }

    /// How many findings there are.
    #[must_use]
    pub fn counts(&self) -> Counts {
        let mut counts = Counts::default();
        for judged in self.findings() {
            match judged.weight {
                Weight::Ignored(_) => {
                    counts.ignored += 1;
                    continue;
                }
                Weight::Counts => counts.counting += 1,
                Weight::Below => {}
            }
            let places = Severity::ALL.into_iter().zip(&mut counts.of);
            places.filter(|(severity, _)| *severity == judged.finding.severity).for_each(|(_, count)| *count += 1);
        }
        counts
    }
}

impl Judged {
    /// Whether the phase knows how to cure it.
    #[must_use]
    pub const fn is_fixable(&self) -> bool {
        !self.finding.remedy.is_empty()
    }
}

/// What a finding means. Every ignore that fits was of use; the first one gives the reason.
fn weigh(finding: &Finding, terms: &Terms, uses: &mut [Use]) -> Weight {
    let mut reason = None;
    let ignores = terms.ignores.iter().zip(uses).filter(|(ignore, _)| !ignore.is_over(terms.now));
    for (ignore, used) in ignores.filter(|(ignore, _)| ignore.fits(finding)) {
        *used = Use::Used;
        reason.get_or_insert(&ignore.reason);
    }
    match reason {
        Some(reason) => Weight::Ignored(reason.clone()),
        None if terms.threshold.is_reached(finding.severity) => Weight::Counts,
        None => Weight::Below,
    }
}

/// An object as namespace, kind and name, as far as it has them: `kube-system/Secret/bootstrap-token-abcdef`.
#[must_use]
pub fn qualified(object: &ObjectRef) -> String {
    let namespace = object.namespace.as_ref().map(|namespace| format!("{namespace}/")).unwrap_or_default();
    format!("{namespace}{}/{}", object.of.kind(), object.name)
}

/// What stays the same of a finding: its rule and its object, of this cluster. Times and counts, which stand in its words, do not. Of
/// several for one object the later ones are numbered.
fn fingerprint(finding: &Finding, identity: &str, seen: &mut BTreeMap<(String, String), usize>) -> String {
    let object = finding.target.as_ref().map(|target| format!("{}:{}", target.of.group(), qualified(target))).unwrap_or_default();
    let number = seen.entry((finding.rule.clone(), object.clone())).or_insert(0);
    *number += 1;
    let parts = [&finding.rule, &object, identity, &number.to_string()].map(|part| format!("{}:{part}", part.len()));
    Digest::of(parts.concat().as_bytes()).to_string()
}
