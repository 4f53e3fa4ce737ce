//! An audit as SARIF 2.1.0 (OASIS), with what GitHub's code scanning reads besides: the members that we write, as structs. The crate
//! with all of the schema would bring a code generator and a hundred thousand lines to fill in a dozen members.

use kubephase_core::audit::{Audit, Audited, Judged, Weight, qualified};
use kubephase_core::finding::{Finding, Severity};
use kubephase_core::object::ObjectRef;
use kubephase_core::saved::PhaseDocument;
use serde::Serialize;
use std::collections::BTreeMap;

/// The schema.
const SCHEMA: &str = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json";
/// The name of our fingerprints, with the version of how they are made.
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
    invocations: [Invocation<'a>; 1],
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
    id: &'a str,
    short_description: Message<'a>,
    #[serde(skip_serializing_if = "Option::is_none")]
    help: Option<OwnMessage>,
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
struct Invocation<'a> {
    execution_successful: bool,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    tool_execution_notifications: Vec<Notification<'a>>,
}

#[derive(Serialize)]
struct Notification<'a> {
    level: &'static str,
    message: Message<'a>,
}

/// What SARIF calls a result.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Outcome<'a> {
    rule_id: &'a str,
    rule_index: usize,
    level: &'static str,
    message: OwnMessage,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    locations: Vec<Location>,
    partial_fingerprints: BTreeMap<&'static str, &'a str>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    suppressions: Vec<Suppression<'a>>,
    properties: ResultProperties,
}

#[derive(Serialize)]
struct ResultProperties {
    severity: &'static str,
    fixable: bool,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Location {
    logical_locations: [LogicalLocation; 1],
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct LogicalLocation {
    name: String,
    fully_qualified_name: String,
    kind: &'static str,
}

#[derive(Serialize)]
struct Suppression<'a> {
    kind: &'static str,
    status: &'static str,
    justification: &'a str,
}

#[derive(Serialize)]
struct Message<'a> {
    text: &'a str,
}

#[derive(Serialize)]
struct OwnMessage {
    text: String,
}

/// The log: a run for each cluster.
pub(super) fn log(audit: &Audit) -> Log<'_> {
    let runs = audit.clusters.iter().map(|cluster| run(cluster, &audit.phase)).collect();
    Log { schema: SCHEMA, version: "2.1.0", runs }
}

fn run<'a>(cluster: &'a Audited, phase: &'a PhaseDocument) -> Run<'a> {
    let rules = rules(cluster.findings());
    let places: BTreeMap<&str, usize> = rules.iter().enumerate().map(|(place, rule)| (rule.id, place)).collect();
    let place = |judged: &Judged| places.get(judged.finding.rule.as_str()).copied().unwrap_or_default();
    let problems = cluster.result.as_ref().err().into_iter().flatten();
    Run {
        automation_details: AutomationDetails { id: format!("bootstrap-token-audit/{}/", cluster.cluster) },
        invocations: [Invocation {
            execution_successful: cluster.result.is_ok(),
            tool_execution_notifications: problems
                .map(|text| Notification { level: "error", message: Message { text } })
                .collect(),
        }],
        results: cluster.findings().iter().map(|judged| outcome(judged, place(judged))).collect(),
        tool: Tool {
            driver: Driver {
                name: "kubectl-bootstrap-token",
                version: env!("CARGO_PKG_VERSION"),
                rules,
                properties: DriverProperties { phase },
            },
        },
    }
}

/// Each rule once, as the worst of its findings tells it: findings come the worst first.
fn rules(findings: &[Judged]) -> Vec<Rule<'_>> {
    let mut rules = BTreeMap::new();
    for judged in findings {
        rules.entry(judged.finding.rule.as_str()).or_insert_with(|| rule(&judged.finding));
    }
    rules.into_values().collect()
}

fn rule(finding: &Finding) -> Rule<'_> {
    let is_address = |reference: &&String| {
        let is_web = reference.starts_with("https://") || reference.starts_with("http://");
        is_web && reference.parse::<http::Uri>().is_ok()
    };
    let help = Some(finding.references.join("\n")).filter(|text| !text.is_empty());
    Rule {
        id: &finding.rule,
        short_description: Message { text: &finding.title },
        help: help.map(|text| OwnMessage { text }),
        help_uri: finding.references.iter().find(is_address).map(String::as_str),
        default_configuration: Configuration { level: level(finding.severity) },
        properties: RuleProperties { security_severity: security_severity(finding.severity), tags: ["security"] },
    }
}

fn outcome(judged: &Judged, rule_index: usize) -> Outcome<'_> {
    let finding = &judged.finding;
    let detail = if finding.detail.is_empty() { String::new() } else { format!("\n\n{}", finding.detail) };
    let suppression = match &judged.weight {
        Weight::Ignored(justification) => Some(Suppression { kind: "external", status: "accepted", justification }),
        Weight::Counts | Weight::Below => None,
    };
    Outcome {
        rule_id: &finding.rule,
        rule_index,
        level: level(finding.severity),
        message: OwnMessage { text: format!("{}{detail}", finding.title) },
        locations: finding.target.iter().map(location).collect(),
        partial_fingerprints: BTreeMap::from([(FINGERPRINT, judged.fingerprint.as_str())]),
        suppressions: suppression.into_iter().collect(),
        properties: ResultProperties { severity: finding.severity.as_str(), fixable: judged.is_fixable() },
    }
}

/// Where it is: an object is no line of a file.
fn location(target: &ObjectRef) -> Location {
    let location = LogicalLocation { name: target.name.to_string(), fully_qualified_name: qualified(target), kind: "resource" };
    Location { logical_locations: [location] }
}

const fn level(severity: Severity) -> &'static str {
    match severity {
        Severity::Critical | Severity::High => "error",
        Severity::Medium => "warning",
        Severity::Low | Severity::Info => "note",
    }
}

/// A number in the middle of what GitHub takes for that severity.
const fn security_severity(severity: Severity) -> &'static str {
    match severity {
        Severity::Critical => "9.5",
        Severity::High => "8.0",
        Severity::Medium => "5.5",
        Severity::Low => "2.0",
        Severity::Info => "0.0",
    }
}
