//! The result of an audit: which findings count, which are ignored and why, and the verdict. One model for every output format.

mod baseline;
mod ignore;
mod rights;
mod run;
#[cfg(test)]
mod tests;
mod verdict;

pub use baseline::{Baseline, Counting, Novelty};
pub use ignore::{Ignore, IgnoresDocument, InvalidIgnore};
pub use rights::{TokenBinding, TokenRights, TokensOfGroups};
pub use run::{AuditRun, Coverage};
pub use verdict::{AuditVerdict, Counts, Summary};

use crate::description::RuleDescription;
use crate::digest::Digest;
use crate::finding::{Finding, Severity};
use crate::object::ObjectRef;
use crate::operation::OperationId;
use crate::saved::{ChangedDocument, PhaseDocument};
use jiff::Timestamp;
use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};

/// The severity from which a finding counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Threshold {
    /// Findings of this severity or worse count.
    At(Severity),
    /// No finding counts.
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

    /// The threshold with a lower case name.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        if name == Self::Never.as_str() { Some(Self::Never) } else { Severity::named(name).map(Self::At) }
    }

    /// Whether a finding of this severity counts.
    #[must_use]
    pub fn is_reached(self, severity: Severity) -> bool {
        matches!(self, Self::At(least) if severity >= least)
    }
}

/// What the phase answered for one cluster.
#[derive(Debug, Clone, PartialEq)]
pub struct Heard {
    /// The user's name for the cluster.
    pub cluster: String,
    /// The identity of the cluster, the same whichever way it is reached.
    pub identity: String,
    /// What was looked at.
    pub scope: AuditScope,
    /// The findings, or the lines that say why the audit failed.
    pub result: Result<Vec<Finding>, Vec<String>>,
}

/// What an audit looked at: without it, no findings prove nothing.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct AuditScope {
    /// The UID of the cluster; `None` if the phase did not read it.
    pub uid: Option<String>,
    /// The user that read it, as the kubeconfig or `--as` names it; `None` if nothing names one.
    pub user: Option<String>,
    /// How many objects of each kind were read.
    pub objects: BTreeMap<String, usize>,
    /// Where the objects of the findings are, if they are in files.
    pub files: BTreeMap<ObjectRef, FilePlace>,
    /// Whether the phase was asked for fixes.
    pub fixes: Fixes,
    /// What each operation of the planned fixes changes of its object.
    pub changes: BTreeMap<OperationId, ChangedDocument>,
    /// What bootstrap tokens may do; empty if no format shows it.
    pub rights: TokenRights,
    /// When the audit ended; `None` if its time is not the clock's.
    pub ended: Option<Timestamp>,
    /// When this cluster was audited, if not at the time of the whole audit: a report that was merged.
    pub begun: Option<Timestamp>,
    /// What the cluster is where it is listed, and what was asked, in a report of a fleet's run.
    pub listed: Option<ListedAs>,
}

/// What a cluster of a fleet is, and what it was asked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ListedAs {
    /// What it is where it is listed, whatever people call it.
    pub identity: String,
    /// The digest of everything that was asked of it, and of how it was reached.
    pub question: String,
}

/// An object in a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FilePlace {
    /// The path of the file, as the folder was named.
    pub path: String,
    /// The line, from 1.
    pub line: usize,
}

/// Whether it is known which findings can be fixed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Fixes {
    /// The phase was asked for a plan.
    Planned,
    /// It was not asked.
    #[default]
    NotAsked,
}

/// The rules for judging an audit.
#[derive(Debug, Clone, PartialEq)]
pub struct Terms {
    /// The severity from which findings count.
    pub threshold: Threshold,
    /// The findings to ignore.
    pub ignores: Vec<Ignore>,
    /// The time that the expiry of ignores is compared with.
    pub now: Timestamp,
    /// What was found before; `None` if that makes no difference.
    pub baseline: Option<Baseline>,
}

impl Terms {
    /// The operations that fix only ignored findings.
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

/// The result of an audit.
#[derive(Debug, Clone, PartialEq)]
pub struct Audit {
    /// The phase that reported the findings.
    pub phase: PhaseDocument,
    /// The rules that it has, whether they found something or not; empty if it does not say.
    pub rules: Vec<RuleDescription>,
    /// The rules it was judged by.
    pub terms: Terms,
    /// The clusters, in the order given.
    pub clusters: Vec<Audited>,
    /// Whether each ignore in the terms matched.
    uses: Vec<Use>,
}

/// Whether an ignore matched a finding.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Use {
    Used,
    Unused,
}

/// The audit result for one cluster.
#[derive(Debug, Clone, PartialEq)]
pub struct Audited {
    /// The user's name for the cluster.
    pub cluster: String,
    /// What was looked at.
    pub scope: AuditScope,
    /// The findings, worst first; or the lines that say why the audit failed.
    pub result: Result<Vec<Judged>, Vec<String>>,
}

/// A finding and its weight.
#[derive(Debug, Clone, PartialEq)]
pub struct Judged {
    /// The finding as reported by the phase.
    pub finding: Finding,
    /// Stable across audits of this cluster, for this rule and object: `sha256:<hex>`.
    pub fingerprint: String,
    /// How it affects the verdict.
    pub weight: Weight,
    /// Whether an earlier audit had it; `None` if there was none to compare with.
    pub novelty: Option<Novelty>,
}

/// How a finding affects the verdict.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Weight {
    /// It reaches the threshold.
    Counts,
    /// It is below the threshold.
    Below,
    /// It is ignored, for this reason.
    Ignored(String),
}

impl Audit {
    /// Judges the answers for each cluster.
    #[must_use]
    pub fn judge(phase: PhaseDocument, terms: Terms, heard: Vec<Heard>) -> Self {
        let mut uses = vec![Use::Unused; terms.ignores.len()];
        let clusters = heard.into_iter().map(|heard| Audited::judge(heard, &terms, &mut uses)).collect();
        Self { phase, rules: Vec::new(), terms, clusters, uses }
    }

    /// An audit of clusters that were judged before, by the same terms.
    #[must_use]
    pub fn of_parts(phase: PhaseDocument, terms: Terms, clusters: Vec<Audited>) -> Self {
        Self { phase, rules: Vec::new(), terms, clusters, uses: Vec::new() }
    }

    /// The same with what the phase says of its rules.
    #[must_use]
    pub fn by_rules(self, rules: Vec<RuleDescription>) -> Self {
        Self { rules, ..self }
    }

    /// The clusters in groups, each of so many clusters and findings at most; a cluster with more findings than that is alone.
    #[must_use]
    pub fn groups(&self, clusters: usize, findings: usize) -> Vec<&[Audited]> {
        let (mut groups, mut rest) = (Vec::new(), self.clusters.as_slice());
        while !rest.is_empty() {
            let mut sum = 0;
            let fits = |cluster: &&Audited| {
                sum += cluster.findings().len();
                sum <= findings
            };
            let count = rest.iter().take(clusters).take_while(fits).count().max(1);
            let (group, left) = rest.split_at(count);
            groups.push(group);
            rest = left;
        }
        groups
    }

    /// The same audit of these of its clusters.
    #[must_use]
    pub fn of_group(&self, clusters: &[Audited]) -> Self {
        Self::of_parts(self.phase.clone(), self.terms.clone(), clusters.to_vec()).by_rules(self.rules.clone())
    }

    /// The overall verdict. A finding that counts is decisive even if another cluster could not be audited.
    #[must_use]
    pub fn verdict(&self) -> AuditVerdict {
        AuditVerdict::of_all(self.clusters.iter().map(Audited::verdict))
    }

    /// The expired ignores.
    pub fn expired(&self) -> impl Iterator<Item = &Ignore> {
        self.terms.ignores.iter().filter(|ignore| ignore.is_over(self.terms.now))
    }

    /// The unexpired ignores that matched no finding; none if a cluster could not be audited, because it may have the finding
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
        let Heard { cluster, identity, scope, result } = heard;
        let result = result.map(|mut findings| {
            findings.sort_by_cached_key(|finding| {
                let object = finding.target.as_ref().map(qualified);
                (Reverse(finding.severity), finding.rule.clone(), object, finding.title.clone())
            });
            let mut seen = BTreeMap::new();
            let judge = |finding: Finding| {
                let fingerprint = fingerprint(&finding, &identity, &mut seen);
                let beside = terms.baseline.as_ref().map(|baseline| (baseline, baseline.novelty(&cluster, &fingerprint)));
                let weight = match weigh(&finding, terms, uses) {
                    Weight::Counts if beside.is_some_and(|(baseline, novelty)| !baseline.counts(novelty)) => Weight::Below,
                    weight => weight,
                };
                Judged { fingerprint, weight, novelty: beside.map(|(_, novelty)| novelty), finding }
            };
            findings.into_iter().map(judge).collect()
        });
        Self { cluster, scope, result }
    }

    /// Whether the phase can fix a finding: by the plan, if there is one, and else by what the phase says; `None` if it cannot say.
    #[must_use]
    pub fn is_fixable(&self, judged: &Judged) -> Option<bool> {
        match self.scope.fixes {
            Fixes::Planned => Some(!judged.finding.remedy.is_empty()),
            Fixes::NotAsked => judged.finding.fixable,
        }
    }

    /// When it was audited.
    #[must_use]
    pub fn time(&self, audit: &Audit) -> Timestamp {
        self.scope.begun.unwrap_or(audit.terms.now)
    }

    /// All findings; empty if the cluster could not be audited.
    #[must_use]
    pub fn findings(&self) -> &[Judged] {
        self.result.as_deref().unwrap_or_default()
    }

    /// The findings that are not ignored.
    pub fn open(&self) -> impl Iterator<Item = &Judged> {
        self.findings().iter().filter(|judged| !matches!(judged.weight, Weight::Ignored(_)))
    }

    /// The verdict for this cluster.
    #[must_use]
    pub fn verdict(&self) -> AuditVerdict {
        match &self.result {
            Err(_) => AuditVerdict::Unknown,
            Ok(findings) if findings.iter().any(|judged| judged.weight == Weight::Counts) => AuditVerdict::Findings,
            Ok(_) => AuditVerdict::Clean,
        }
    }

    /// The number of findings in this cluster.
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

/// The weight of a finding. Every matching ignore counts as used; the first one gives the reason.
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

/// An object as namespace, kind and name, without the parts it does not have: `kube-system/Secret/bootstrap-token-abcdef`.
#[must_use]
pub fn qualified(object: &ObjectRef) -> String {
    let namespace = object.namespace.as_ref().map(|namespace| format!("{namespace}/")).unwrap_or_default();
    format!("{namespace}{}/{}", object.of.kind(), object.name)
}

/// The stable part of a finding: its rule and its object in this cluster. Times and counts in its text are not included. If one
/// object has several, the later ones are numbered.
fn fingerprint(finding: &Finding, identity: &str, seen: &mut BTreeMap<(String, String), usize>) -> String {
    let object = finding.target.as_ref().map(|target| format!("{}:{}", target.of.group(), qualified(target))).unwrap_or_default();
    let number = seen.entry((finding.rule.clone(), object.clone())).or_insert(0);
    *number += 1;
    let parts = [&finding.rule, &object, identity, &number.to_string()].map(|part| format!("{}:{part}", part.len()));
    Digest::of(parts.concat().as_bytes()).to_string()
}
