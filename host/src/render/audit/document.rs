//! An audit as one document in the plugin's own format, which is stable and versioned.

use kubephase_core::audit::{Audit, Audited, Judged, Weight};
use kubephase_core::document::{DocumentHead, DocumentKind};
use kubephase_core::finding::Finding;
use kubephase_core::saved::{ObjectDocument, PhaseDocument};
use serde::Serialize;
use std::collections::BTreeMap;

#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub(crate) struct AuditDocument<'a> {
    #[serde(flatten)]
    head: DocumentHead,
    /// The phase that audited.
    phase: &'a PhaseDocument,
    /// The time of the audit.
    time: String,
    /// The severity from which a finding counts, or `never`.
    fail_on: &'static str,
    /// The verdict on all clusters.
    #[cfg_attr(test, schemars(with = "kubephase_core::audit::AuditVerdict"))]
    verdict: &'static str,
    /// The clusters.
    clusters: Vec<ClusterDocument<'a>>,
}

/// The findings in one cluster.
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
struct ClusterDocument<'a> {
    /// The user's name for the cluster.
    cluster: &'a str,
    /// The verdict on this cluster.
    #[cfg_attr(test, schemars(with = "kubephase_core::audit::AuditVerdict"))]
    verdict: &'static str,
    /// Why it could not be audited.
    #[serde(skip_serializing_if = "Option::is_none")]
    error: Option<String>,
    /// The UID of the cluster; missing if it was not read, as in a folder.
    #[serde(skip_serializing_if = "Option::is_none")]
    uid: Option<&'a str>,
    /// The user that read it, as the kubeconfig or `--as` names it.
    #[serde(skip_serializing_if = "Option::is_none")]
    user: Option<&'a str>,
    /// How many objects of each kind were looked at.
    objects: &'a BTreeMap<String, usize>,
    /// The number of findings of each severity, and of those that are ignored.
    summary: BTreeMap<&'static str, usize>,
    /// The findings.
    findings: Vec<FindingDocument<'a>>,
}

/// A finding.
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
struct FindingDocument<'a> {
    /// The id of the rule.
    rule: &'a str,
    /// How severe it is.
    #[cfg_attr(test, schemars(with = "kubephase_core::finding::Severity"))]
    severity: &'static str,
    /// What was found, in one line.
    title: &'a str,
    /// Why it matters.
    #[serde(skip_serializing_if = "str::is_empty")]
    detail: &'a str,
    /// The object concerned.
    #[serde(skip_serializing_if = "Option::is_none")]
    object: Option<ObjectDocument>,
    /// Further reading.
    references: &'a [String],
    /// Whether the plan of `--fix-out` fixes it, or would; missing if the phase cannot say so.
    #[serde(skip_serializing_if = "Option::is_none")]
    fixable: Option<bool>,
    /// The same for the same finding in another audit.
    fingerprint: &'a str,
    /// Whether the finding reaches the threshold and is not ignored.
    counts: bool,
    /// Why it is ignored; missing if it is not.
    #[serde(skip_serializing_if = "Option::is_none")]
    ignored: Option<IgnoredDocument<'a>>,
}

/// Why a finding is ignored.
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
struct IgnoredDocument<'a> {
    /// The reason given by the operator.
    reason: &'a str,
}

/// The document.
pub(super) fn document(audit: &Audit) -> AuditDocument<'_> {
    AuditDocument {
        head: DocumentKind::AuditReport.head(),
        phase: &audit.phase,
        time: audit.terms.now.to_string(),
        fail_on: audit.terms.threshold.as_str(),
        verdict: audit.verdict().as_str(),
        clusters: audit.clusters.iter().map(cluster).collect(),
    }
}

fn cluster(cluster: &Audited) -> ClusterDocument<'_> {
    let counts = cluster.counts();
    let summary = counts.by_severity().map(|(severity, count)| (severity.as_str(), count));
    ClusterDocument {
        cluster: &cluster.cluster,
        verdict: cluster.verdict().as_str(),
        error: cluster.result.as_ref().err().map(|lines| lines.join("\n")),
        uid: cluster.scope.uid.as_deref(),
        user: cluster.scope.user.as_deref(),
        objects: &cluster.scope.objects,
        summary: summary.chain([("ignored", counts.ignored)]).collect(),
        findings: cluster.findings().iter().map(|judged| finding(cluster, judged)).collect(),
    }
}

fn finding<'a>(cluster: &Audited, judged: &'a Judged) -> FindingDocument<'a> {
    let Finding { rule, severity, title, detail, target, references, .. } = &judged.finding;
    FindingDocument {
        rule,
        severity: severity.as_str(),
        title,
        detail,
        object: target.as_ref().map(ObjectDocument::from),
        references,
        fixable: cluster.is_fixable(judged),
        fingerprint: &judged.fingerprint,
        counts: judged.weight == Weight::Counts,
        ignored: match &judged.weight {
            Weight::Ignored(reason) => Some(IgnoredDocument { reason }),
            Weight::Counts | Weight::Below => None,
        },
    }
}
