//! An audit as SARIF 2.1.0 (OASIS), with the members that GitHub's code scanning reads in addition, written as structs. A crate
//! with the whole schema would add a code generator and a hundred thousand lines for a dozen members.

use super::address::is_address;
use super::cleaned;
use crate::render::terminal::clean;
use kubephase_core::audit::{Audit, Audited, Judged, Novelty, Weight, qualified};
use kubephase_core::description::RuleDescription;
use kubephase_core::finding::Severity;
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
    /// What a person calls it; a name that is the id says nothing (SARIF1001).
    #[serde(skip_serializing_if = "Option::is_none")]
    name: Option<String>,
    short_description: Message,
    full_description: Message,
    help: Message,
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
    #[serde(skip_serializing_if = "Option::is_none")]
    baseline_state: Option<&'static str>,
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
        // Code scanning refuses a whole file for one message without a text (GH1015).
        let text = if text.trim().is_empty() { "(no text)" } else { text };
        Self { text: cleaned(text).replace("](", "] (") }
    }
}

/// The log, with one run for each cluster.
pub(super) fn log(audit: &Audit) -> Log<'_> {
    let runs = audit.clusters.iter().map(|cluster| run(cluster, audit)).collect();
    Log { schema: SCHEMA, version: "2.1.0", runs }
}

fn run<'a>(cluster: &'a Audited, audit: &'a Audit) -> Run<'a> {
    let rules = rules(&audit.rules, cluster.findings());
    let places: BTreeMap<String, usize> = rules.iter().enumerate().map(|(place, rule)| (rule.id.clone(), place)).collect();
    let place = |rule: &str| places.get(rule).copied().unwrap_or_default();
    let problems = cluster.result.as_ref().err().into_iter().flatten();
    Run {
        automation_details: AutomationDetails { id: format!("bootstrap-token-audit/{}/", clean(&cluster.cluster)) },
        invocations: [Invocation {
            execution_successful: cluster.result.is_ok(),
            start_time_utc: cluster.time(audit).to_string(),
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

/// Every rule that the phase says it has, and those of other findings, described by the worst of these, which comes first. Rules with
/// the same cleaned name are merged.
fn rules<'a>(described: &'a [RuleDescription], findings: &'a [Judged]) -> Vec<Rule<'a>> {
    let mut rules = BTreeMap::new();
    for described in described {
        let RuleDescription { id, severity, title, description, references } = described;
        rules.entry(clean(id)).or_insert_with(|| rule(id, *severity, [title, description], references));
    }
    for Judged { finding, .. } in findings {
        // The title of one finding would be the headline of all others.
        let words = finding.rule.replace('-', " ");
        rules
            .entry(clean(&finding.rule))
            .or_insert_with(|| rule(&finding.rule, finding.severity, [&words, &words], &finding.references));
    }
    rules.into_values().collect()
}

fn rule<'a>(id: &str, severity: Severity, [title, description]: [&str; 2], references: &'a [String]) -> Rule<'a> {
    let help: Vec<&str> = std::iter::once(description).chain(references.iter().map(String::as_str)).collect();
    let id = clean(id);
    Rule {
        name: Some(name(&id)).filter(|name| !name.eq_ignore_ascii_case(&id) && !name.is_empty()),
        short_description: Message::new(title),
        full_description: Message::new(description),
        help: Message::new(&help.join("\n")),
        help_uri: references.iter().map(String::as_str).find(|reference| is_address(reference)),
        default_configuration: Configuration { level: level(severity) },
        properties: RuleProperties { security_severity: security_severity(severity), tags: ["security"] },
        id,
    }
}

/// The id in Pascal case, which is the usual form of a name.
fn name(id: &str) -> String {
    let words = id.split(|character: char| !character.is_ascii_alphanumeric());
    words.map(|word| word.get(..1).unwrap_or_default().to_ascii_uppercase() + word.get(1..).unwrap_or_default()).collect()
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
        baseline_state: judged.novelty.map(|novelty| match novelty {
            Novelty::New => "new",
            Novelty::Known => "unchanged",
        }),
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

/// A path as a relative reference (RFC 3986, 4.2) without segments that lead back. An absolute one has the scheme `file`.
pub(super) fn uri(path: &str) -> String {
    let (scheme, root) = if path.starts_with('/') { ("file://", "/") } else { ("", "") };
    let mut segments: Vec<&str> = Vec::new();
    for segment in path.split('/').filter(|segment| !["", "."].contains(segment)) {
        match segments.last() {
            Some(before) if segment == ".." && *before != ".." => drop(segments.pop()),
            // Above the root is the root.
            None if segment == ".." && !root.is_empty() => {}
            _ => segments.push(segment),
        }
    }
    format!("{scheme}{root}{}", utf8_percent_encode(&segments.join("/"), UNSAFE))
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
