//! An audit as SARIF 2.1.0 (OASIS), with the members that GitHub's code scanning reads in addition, written as structs. A crate
//! with the whole schema would add a code generator and a hundred thousand lines for a dozen members.

use super::cleaned;
use crate::render::terminal::clean;
use kubephase_core::audit::{Audit, Audited, Judged, Weight, qualified};
use kubephase_core::finding::{Finding, Severity};
use kubephase_core::object::ObjectRef;
use kubephase_core::saved::PhaseDocument;
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
    #[serde(skip_serializing_if = "Vec::is_empty")]
    locations: Vec<Location>,
    partial_fingerprints: BTreeMap<&'static str, &'a str>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    suppressions: Vec<Suppression>,
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
    let runs = audit.clusters.iter().map(|cluster| run(cluster, &audit.phase)).collect();
    Log { schema: SCHEMA, version: "2.1.0", runs }
}

fn run<'a>(cluster: &'a Audited, phase: &'a PhaseDocument) -> Run<'a> {
    let rules = rules(cluster.findings());
    let places: BTreeMap<String, usize> = rules.iter().enumerate().map(|(place, rule)| (rule.id.clone(), place)).collect();
    let place = |rule: &str| places.get(rule).copied().unwrap_or_default();
    let problems = cluster.result.as_ref().err().into_iter().flatten();
    Run {
        automation_details: AutomationDetails { id: format!("bootstrap-token-audit/{}/", clean(&cluster.cluster)) },
        invocations: [Invocation {
            execution_successful: cluster.result.is_ok(),
            tool_execution_notifications: problems
                .map(|text| Notification { level: "error", message: Message::new(text) })
                .collect(),
        }],
        results: cluster.findings().iter().map(|judged| outcome(judged, place)).collect(),
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
        short_description: Message::new(&finding.title),
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

fn outcome(judged: &Judged, place: impl Fn(&str) -> usize) -> Outcome<'_> {
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
        locations: finding.target.iter().map(location).collect(),
        partial_fingerprints: BTreeMap::from([(FINGERPRINT, judged.fingerprint.as_str())]),
        suppressions: suppression.into_iter().collect(),
        properties: ResultProperties { severity: finding.severity.as_str(), fixable: judged.is_fixable() },
    }
}

/// The location of a finding: an object, not a line of a file.
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
