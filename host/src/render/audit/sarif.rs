//! An audit as SARIF 2.1.0 (OASIS), with the members that GitHub's code scanning reads in addition, written as structs. A crate
//! with the whole schema would add a code generator and a hundred thousand lines for a dozen members.

use super::cleaned;
use crate::render::terminal::clean;
use kubephase_core::audit::{Audit, Audited, Judged, Weight, qualified};
use kubephase_core::finding::{Finding, Severity};
use kubephase_core::object::ObjectRef;
use kubephase_core::saved::PhaseDocument;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use serde::Serialize;
use std::collections::BTreeMap;

/// The URL of the schema.
const SCHEMA: &str = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json";
/// The name of the fingerprints, with the version of their algorithm.
const FINGERPRINT: &str = "ruleAndObject/v1";

#[derive(Serialize)]
pub(super) struct Log<'a> {
    #[serde(rename = "$schema")]
    schema: &'static str,
    version: &'static str,
    runs: Vec<Run<'a>>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Run<'a> {
    tool: Tool<'a>,
    automation_details: AutomationDetails,
    invocations: [Invocation; 1],
    results: Vec<Outcome<'a>>,
}

#[derive(Serialize)]
struct Tool<'a> {
    driver: Driver<'a>,
}

#[derive(Serialize)]
struct Driver<'a> {
    name: &'static str,
    version: &'static str,
    rules: Vec<Rule<'a>>,
    properties: DriverProperties<'a>,
}

#[derive(Serialize)]
struct DriverProperties<'a> {
    phase: &'a PhaseDocument,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Rule<'a> {
    id: String,
    name: String,
    short_description: Message,
    #[serde(skip_serializing_if = "Option::is_none")]
    help: Option<Message>,
    #[serde(skip_serializing_if = "Option::is_none")]
    help_uri: Option<&'a str>,
    default_configuration: Configuration,
    properties: RuleProperties,
}

#[derive(Serialize)]
struct RuleProperties {
    #[serde(rename = "security-severity")]
    security_severity: &'static str,
    tags: [&'static str; 1],
}

#[derive(Serialize)]
struct Configuration {
    level: &'static str,
}

#[derive(Serialize)]
struct AutomationDetails {
    id: String,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Invocation {
    execution_successful: bool,
    start_time_utc: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    end_time_utc: Option<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    tool_execution_notifications: Vec<Notification>,
}

#[derive(Serialize)]
struct Notification {
    level: &'static str,
    message: Message,
}

/// A result in the sense of SARIF.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Outcome<'a> {
    rule_id: String,
    rule_index: usize,
    level: &'static str,
    message: Message,
    locations: [Location; 1],
    partial_fingerprints: BTreeMap<&'static str, &'a str>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    suppressions: Vec<Suppression>,
    properties: ResultProperties,
}

#[derive(Serialize)]
struct ResultProperties {
    severity: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    fixable: Option<bool>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Location {
    /// GitHub refuses a whole file for one result without it.
    physical_location: PhysicalLocation,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    logical_locations: Vec<LogicalLocation>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct PhysicalLocation {
    artifact_location: ArtifactLocation,
    region: Region,
}

#[derive(Serialize)]
struct ArtifactLocation {
    uri: String,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Region {
    start_line: usize,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct LogicalLocation {
    name: String,
    fully_qualified_name: String,
    kind: &'static str,
}

#[derive(Serialize)]
struct Suppression {
    kind: &'static str,
    status: &'static str,
    justification: String,
}

#[derive(Serialize)]
struct Message {
    text: String,
}

impl Message {
    /// Text of a phase or a cluster. Readers print it verbatim, so invisible characters are made visible. `[words](address)` is a
    /// link in a SARIF message (3.11.6); this text must not create one.
    fn new(text: &str) -> Self {
        Self { text: cleaned(text).replace("](", "] (") }
    }
}

/// The log, with one run for each cluster.
pub(super) fn log(audit: &Audit) -> Log<'_> {
    let runs = audit.clusters.iter().map(|cluster| run(cluster, audit)).collect();
    Log { schema: SCHEMA, version: "2.1.0", runs }
}

fn run<'a>(cluster: &'a Audited, audit: &'a Audit) -> Run<'a> {
    let rules = rules(cluster.findings());
    let places: BTreeMap<String, usize> = rules.iter().enumerate().map(|(place, rule)| (rule.id.clone(), place)).collect();
    let place = |rule: &str| places.get(rule).copied().unwrap_or_default();
    let problems = cluster.result.as_ref().err().into_iter().flatten();
    Run {
        automation_details: AutomationDetails { id: format!("bootstrap-token-audit/{}/", clean(&cluster.cluster)) },
        invocations: [Invocation {
            execution_successful: cluster.result.is_ok(),
            start_time_utc: audit.terms.now.to_string(),
            end_time_utc: cluster.scope.ended.map(|time| time.to_string()),
            tool_execution_notifications: problems
                .map(|text| Notification { level: "error", message: Message::new(text) })
                .collect(),
        }],
        results: cluster.findings().iter().map(|judged| outcome(cluster, judged, place)).collect(),
        tool: Tool {
            driver: Driver {
                name: "kubectl-bootstrap-token",
                version: env!("CARGO_PKG_VERSION"),
                rules,
                properties: DriverProperties { phase: &audit.phase },
            },
        },
    }
}

/// Each rule once, described by the worst of its findings, which comes first. Rules with the same cleaned name are merged.
fn rules(findings: &[Judged]) -> Vec<Rule<'_>> {
    let mut rules = BTreeMap::new();
    for judged in findings {
        rules.entry(clean(&judged.finding.rule)).or_insert_with(|| rule(&judged.finding));
    }
    rules.into_values().collect()
}

fn rule(finding: &Finding) -> Rule<'_> {
    let help = Some(finding.references.join("\n")).filter(|text| !text.is_empty());
    Rule {
        id: clean(&finding.rule),
        name: clean(&finding.rule),
        // The contract has titles of findings, and none of rules: that of a finding would be the headline of all others.
        short_description: Message::new(&finding.rule.replace('-', " ")),
        help: help.map(|text| Message::new(&text)),
        help_uri: finding.references.iter().map(String::as_str).find(|reference| is_address(reference)),
        default_configuration: Configuration { level: level(finding.severity) },
        properties: RuleProperties { security_severity: security_severity(finding.severity), tags: ["security"] },
    }
}

/// Whether it is a web address according to RFC 3986; addresses with a host in brackets are not accepted. `http::Uri` alone
/// accepts more.
fn is_address(reference: &str) -> bool {
    let is_web = reference.starts_with("https://") || reference.starts_with("http://");
    let is_known = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~:/?#@!$&'()*+,;=%".contains(&byte);
    let is_escape = |rest: &str| rest.len() >= 2 && rest.bytes().take(2).all(|byte| byte.is_ascii_hexdigit());
    is_web
        && reference.bytes().all(is_known)
        && reference.matches('#').count() <= 1
        && reference.split('%').skip(1).all(is_escape)
        && reference.parse::<http::Uri>().is_ok()
}

fn outcome<'a>(cluster: &Audited, judged: &'a Judged, place: impl Fn(&str) -> usize) -> Outcome<'a> {
    let finding = &judged.finding;
    let rule_id = clean(&finding.rule);
    let detail = if finding.detail.is_empty() { String::new() } else { format!("\n\n{}", finding.detail) };
    let suppression = match &judged.weight {
        Weight::Ignored(reason) => Some(Suppression { kind: "external", status: "accepted", justification: clean(reason) }),
        Weight::Counts | Weight::Below => None,
    };
    Outcome {
        rule_index: place(&rule_id),
        rule_id,
        level: level(finding.severity),
        message: Message::new(&format!("{}{detail}", finding.title)),
        locations: [location(cluster, finding.target.as_ref())],
        partial_fingerprints: BTreeMap::from([(FINGERPRINT, judged.fingerprint.as_str())]),
        suppressions: suppression.into_iter().collect(),
        properties: ResultProperties { severity: finding.severity.as_str(), fixable: cluster.is_fixable(judged) },
    }
}

/// The location of a finding: an object, and its line in a file. An object of a cluster gets the path that it would have in a
/// repository of manifests.
fn location(cluster: &Audited, target: Option<&ObjectRef>) -> Location {
    let file = target.and_then(|target| cluster.scope.files.get(target));
    let path = file.map(|file| file.path.clone());
    let path =
        path.unwrap_or_else(|| target.map_or_else(|| "cluster".to_owned(), |target| format!("cluster/{}", qualified(target))));
    let logical = |target: &ObjectRef| LogicalLocation {
        name: target.name.to_string(),
        fully_qualified_name: qualified(target),
        kind: "resource",
    };
    Location {
        physical_location: PhysicalLocation {
            artifact_location: ArtifactLocation { uri: uri(&path) },
            region: Region { start_line: file.map_or(1, |file| file.line) },
        },
        logical_locations: target.map(logical).into_iter().collect(),
    }
}

/// A path as a relative reference (RFC 3986, 4.2). An absolute one has the scheme `file`.
fn uri(path: &str) -> String {
    let path = path.strip_prefix("./").unwrap_or(path);
    let scheme = if path.starts_with('/') { "file://" } else { "" };
    format!("{scheme}{}", utf8_percent_encode(path, UNSAFE))
}

/// What stands for itself in a segment of a path: unreserved characters, and the slash between two.
const UNSAFE: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~').remove(b'/');

const fn level(severity: Severity) -> &'static str {
    match severity {
        Severity::Critical | Severity::High => "error",
        Severity::Medium => "warning",
        Severity::Low | Severity::Info => "note",
    }
}

/// A number in the middle of GitHub's range for the severity.
const fn security_severity(severity: Severity) -> &'static str {
    match severity {
        Severity::Critical => "9.5",
        Severity::High => "8.0",
        Severity::Medium => "5.5",
        Severity::Low => "2.0",
        Severity::Info => "0.0",
    }
}
