//! An audit as one document in the plugin's own format, which is stable and versioned.

use crate::render::document::API_VERSION;
use kubephase_core::audit::{Audit, Audited, Judged, Weight};
use kubephase_core::finding::Finding;
use kubephase_core::saved::{ObjectDocument, PhaseDocument};
use serde::Serialize;
use std::collections::BTreeMap;

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct AuditDocument<'a> {
    api_version: &'static str,
    kind: &'static str,
    phase: &'a PhaseDocument,
    time: String,
    fail_on: &'static str,
    verdict: &'static str,
    clusters: Vec<ClusterDocument<'a>>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct ClusterDocument<'a> {
    cluster: &'a str,
    verdict: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    error: Option<String>,
    summary: BTreeMap<&'static str, usize>,
    findings: Vec<FindingDocument<'a>>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct FindingDocument<'a> {
    rule: &'a str,
    severity: &'static str,
    title: &'a str,
    #[serde(skip_serializing_if = "str::is_empty")]
    detail: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    object: Option<ObjectDocument>,
    references: &'a [String],
    fixable: bool,
    fingerprint: &'a str,
    /// Whether the finding reaches the threshold and is not ignored.
    counts: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    ignored: Option<IgnoredDocument<'a>>,
}

#[derive(Serialize)]
struct IgnoredDocument<'a> {
    reason: &'a str,
}

/// The document.
pub(super) fn document(audit: &Audit) -> AuditDocument<'_> {
    AuditDocument {
        api_version: API_VERSION,
        kind: "AuditReport",
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
        summary: summary.chain([("ignored", counts.ignored)]).collect(),
        findings: cluster.findings().iter().map(finding).collect(),
    }
}

fn finding(judged: &Judged) -> FindingDocument<'_> {
    let Finding { rule, severity, title, detail, target, references, .. } = &judged.finding;
    FindingDocument {
        rule,
        severity: severity.as_str(),
        title,
        detail,
        object: target.as_ref().map(ObjectDocument::from),
        references,
        fixable: judged.is_fixable(),
        fingerprint: &judged.fingerprint,
        counts: judged.weight == Weight::Counts,
        ignored: match &judged.weight {
            Weight::Ignored(reason) => Some(IgnoredDocument { reason }),
            Weight::Counts | Weight::Below => None,
        },
    }
}
