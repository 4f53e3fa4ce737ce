//! An audit as `ClusterReport`s (`openreports.io/v1alpha1`, `apis/openreports.io/v1alpha1/report_types.go`), for `kubectl apply` and for
//! whatever shows such reports. One for each cluster, since a hub may have those of many.

use super::cleaned;
use crate::render::terminal::clean;
use kubephase_core::audit::{Audit, Audited, Judged, Novelty, Weight};
use kubephase_core::description::RuleDescription;
use kubephase_core::digest::Digest;
use kubephase_core::name::shortened_to;
use serde::Serialize;
use serde_json::{Map, Value};
use std::collections::{BTreeMap, BTreeSet};
use std::io;

/// The group and version.
const API_VERSION: &str = "openreports.io/v1alpha1";
/// Who writes the reports.
const SOURCE: &str = "kubectl-bootstrap-token";
/// What the results of a report may have, bytes of JSON: an object in etcd has 1.5 MiB at most, and `kubectl apply` may store it twice.
const MOST_BYTES: usize = 500_000;
/// The longest message of a result, characters.
const MESSAGE_CHARACTERS: usize = 1_000;
/// How much of a cluster's name is in that of its report: the longest name of an object has 253 characters.
const NAME_CHARACTERS: usize = 100;

/// A list that `kubectl apply -f -` takes.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct List {
    api_version: &'static str,
    kind: &'static str,
    items: Vec<ClusterReport>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct ClusterReport {
    api_version: &'static str,
    kind: &'static str,
    metadata: Metadata,
    source: &'static str,
    /// There if results are left out.
    #[serde(skip_serializing_if = "Option::is_none")]
    configuration: Option<Configuration>,
    summary: Summary,
    results: Vec<ReportResult>,
}

#[derive(Serialize)]
struct Metadata {
    name: String,
    labels: BTreeMap<&'static str, &'static str>,
    annotations: BTreeMap<&'static str, String>,
}

#[derive(Serialize)]
struct Configuration {
    limits: Limits,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Limits {
    max_results: usize,
}

/// What came of a rule, or of one finding of it.
#[derive(Serialize, Clone, Copy)]
#[serde(rename_all = "lowercase")]
enum Outcome {
    Pass,
    Fail,
    Warn,
    Error,
    Skip,
}

/// How many results there are of each kind, those that are left out too.
#[derive(Serialize, Default)]
struct Summary {
    pass: usize,
    fail: usize,
    warn: usize,
    error: usize,
    skip: usize,
}

#[derive(Serialize)]
struct ReportResult {
    source: &'static str,
    policy: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    rule: Option<String>,
    category: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    severity: Option<&'static str>,
    timestamp: Timestamp,
    result: Outcome,
    scored: bool,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    resources: Vec<Resource>,
    message: String,
    properties: BTreeMap<&'static str, String>,
}

/// A time in the sense of `metav1.Timestamp`.
#[derive(Serialize, Clone, Copy)]
struct Timestamp {
    seconds: i64,
    nanos: i32,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Resource {
    api_version: String,
    kind: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    namespace: Option<String>,
    name: String,
}

/// The name of each report, and the report.
pub(super) fn reports(audit: &Audit) -> io::Result<Vec<(String, Map<String, Value>)>> {
    let of_cluster = |cluster| {
        let made = report(audit, cluster);
        let fields = serde_json::to_value(&made)?.as_object().cloned().unwrap_or_default();
        Ok((made.metadata.name, fields))
    };
    audit.clusters.iter().map(of_cluster).collect()
}

/// The reports.
pub(super) fn list(audit: &Audit) -> List {
    let items = audit.clusters.iter().map(|cluster| report(audit, cluster)).collect();
    List { api_version: "v1", kind: "List", items }
}

fn report(audit: &Audit, cluster: &Audited) -> ClusterReport {
    let results: Vec<ReportResult> = match &cluster.result {
        Err(lines) => vec![result(audit, cluster, Outcome::Error, cleaned(&lines.join("\n")))],
        Ok(findings) => {
            let rules: BTreeSet<&str> = findings.iter().map(|judged| judged.finding.rule.as_str()).collect();
            let passed = audit.rules.iter().filter(|rule| !rules.contains(rule.id.as_str()));
            let found = findings.iter().map(|judged| of_finding(audit, cluster, judged));
            found.chain(passed.map(|rule| of_rule(audit, cluster, rule))).collect()
        }
    };
    let mut summary = Summary::default();
    for result in &results {
        *match result.result {
            Outcome::Pass => &mut summary.pass,
            Outcome::Fail => &mut summary.fail,
            Outcome::Warn => &mut summary.warn,
            Outcome::Error => &mut summary.error,
            Outcome::Skip => &mut summary.skip,
        } += 1;
    }
    // The worst come first, so that the least are left out.
    let mut bytes = 0;
    let fits = |result: &ReportResult| {
        bytes += serde_json::to_string(result).map_or(MOST_BYTES, |text| text.len());
        bytes <= MOST_BYTES
    };
    let all = results.len();
    let results: Vec<ReportResult> = results.into_iter().take_while(fits).collect();
    let max_results = results.len();
    ClusterReport {
        api_version: API_VERSION,
        kind: "ClusterReport",
        metadata: Metadata {
            name: name(&cluster.cluster),
            labels: BTreeMap::from([("app.kubernetes.io/managed-by", SOURCE)]),
            annotations: BTreeMap::from([("bootstrap-token.kubectl/cluster", clean(&cluster.cluster))]),
        },
        source: SOURCE,
        configuration: (max_results < all).then_some(Configuration { limits: Limits { max_results } }),
        summary,
        results,
    }
}

/// The name of the report of a cluster, the same each time.
fn name(cluster: &str) -> String {
    let plain = |character: char| if character.is_ascii_alphanumeric() { character.to_ascii_lowercase() } else { '-' };
    let plain: String = cluster.chars().take(NAME_CHARACTERS).map(plain).collect();
    let short: String = Digest::of(cluster.as_bytes()).hex().chars().take(32).collect();
    format!("bootstrap-token-audit-{}-{short}", plain.trim_matches('-'))
}

fn of_finding(audit: &Audit, cluster: &Audited, judged: &Judged) -> ReportResult {
    let finding = &judged.finding;
    let kind = match &judged.weight {
        Weight::Counts => Outcome::Fail,
        Weight::Below => Outcome::Warn,
        Weight::Ignored(_) => Outcome::Skip,
    };
    let reason = match &judged.weight {
        Weight::Ignored(reason) => Some(("ignored", shortened_to(&clean(reason), MESSAGE_CHARACTERS).into_owned())),
        Weight::Counts | Weight::Below => None,
    };
    let detail = if finding.detail.is_empty() { String::new() } else { format!("\n{}", finding.detail) };
    let mut made = result(audit, cluster, kind, cleaned(&format!("{}{detail}", finding.title)));
    made.rule = Some(clean(&finding.rule));
    made.severity = Some(finding.severity.as_str());
    made.scored = judged.weight == Weight::Counts;
    made.resources.extend(finding.target.as_ref().map(|target| Resource {
        api_version: target.of.api_version(),
        kind: target.of.kind().to_owned(),
        namespace: target.namespace.as_ref().map(ToString::to_string),
        name: target.name.to_string(),
    }));
    made.properties.insert("fingerprint", judged.fingerprint.clone());
    made.properties.extend(cluster.is_fixable(judged).map(|fixable| ("fixable", fixable.to_string())));
    made.properties.extend(judged.novelty.map(|novelty| ("new", (novelty == Novelty::New).to_string())));
    made.properties.extend(reason);
    made
}

/// The result of a rule that found nothing.
fn of_rule(audit: &Audit, cluster: &Audited, rule: &RuleDescription) -> ReportResult {
    let mut made = result(audit, cluster, Outcome::Pass, format!("no finding: {}", clean(&rule.title)));
    made.rule = Some(clean(&rule.id));
    made.severity = Some(rule.severity.as_str());
    made.scored = true;
    made
}

fn result(audit: &Audit, cluster: &Audited, kind: Outcome, message: String) -> ReportResult {
    let now = cluster.time(audit);
    let uid = cluster.scope.uid.as_deref().map(|uid| ("uid", clean(uid)));
    let name = shortened_to(&clean(&cluster.cluster), MESSAGE_CHARACTERS).into_owned();
    ReportResult {
        source: SOURCE,
        policy: clean(&audit.phase.id),
        rule: None,
        category: "bootstrap tokens",
        severity: None,
        timestamp: Timestamp { seconds: now.as_second(), nanos: now.subsec_nanosecond() },
        result: kind,
        scored: false,
        resources: Vec::new(),
        message: shortened_to(&message, MESSAGE_CHARACTERS).into_owned(),
        properties: [("cluster", name)].into_iter().chain(uid).collect(),
    }
}
