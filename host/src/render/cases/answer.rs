//! `expected.yaml`: the complete answer of a phase, in a form that is easy to write and compare.

use crate::render::document::rendered;
use crate::render::object::write_object;
use kubephase_core::document::{DocumentHead, DocumentKind};
use kubephase_core::finding::Finding;
use kubephase_core::format::Syntax;
use kubephase_core::operation::{Operation, OperationId, Precondition};
use kubephase_core::output::{Moment, Output, OutputPart};
use kubephase_core::plan::Content;
use kubephase_core::saved::ObjectDocument;
use kubephase_core::secret::SecretId;
use serde::Serialize;
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;
use std::io;

/// The answer of a phase.
pub enum CaseAnswer<'a> {
    /// A plan, and names for its hidden values.
    Plan(&'a Content, &'a BTreeMap<SecretId, String>),
    /// The input is invalid: field paths, and what is wrong with each.
    InvalidInput(Vec<(&'a str, &'a str)>),
    /// The phase does not support the task.
    Unsupported(&'a str),
    /// Another failure.
    Other(&'a str),
}

#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub(crate) struct AnswerDocument<'a> {
    #[serde(flatten)]
    head: DocumentHead,
    /// The plan.
    #[serde(skip_serializing_if = "Option::is_none")]
    plan: Option<PlanDocument<'a>>,
    /// Why there is no plan.
    #[serde(skip_serializing_if = "Option::is_none")]
    failure: Option<FailureDocument<'a>>,
}

/// The plan of a phase.
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
struct PlanDocument<'a> {
    /// The proposed operations.
    operations: Vec<OperationDocument<'a>>,
    /// The findings.
    findings: Vec<FindingDocument<'a>>,
    /// The lines before the first operation.
    notes: &'a [String],
    /// The lines that may have secrets.
    outputs: Vec<OutputDocument<'a>>,
}

/// A proposed operation.
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
struct OperationDocument<'a> {
    /// Unique within the plan.
    id: &'a str,
    /// The object to change.
    target: ObjectDocument,
    /// What to do with it: `create`, `replace`, `update`, `apply`, `delete` or `keep`.
    action: &'static str,
    /// The object or patch, with names in place of hidden values.
    #[serde(skip_serializing_if = "Option::is_none")]
    body: Option<Value>,
    /// The precondition: `absent`, `as-observed` or `any`.
    when: &'static str,
    /// The operations that must succeed first.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    after: Vec<&'a str>,
    /// The reason given by the phase.
    reason: &'a str,
}

/// A finding.
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
struct FindingDocument<'a> {
    /// The id of the rule.
    rule: &'a str,
    /// How severe it is.
    #[cfg_attr(test, schemars(with = "kubephase_core::finding::Severity"))]
    severity: &'static str,
    /// What was found, in one line.
    title: &'a str,
    /// Why it matters.
    detail: &'a str,
    /// The object concerned.
    #[serde(skip_serializing_if = "Option::is_none")]
    target: Option<ObjectDocument>,
    /// The operations that fix it.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    remedy: Vec<&'a str>,
    /// Further reading.
    #[serde(skip_serializing_if = "<[String]>::is_empty")]
    references: &'a [String],
}

/// A line that may have secrets.
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
struct OutputDocument<'a> {
    /// The name that the phase gives it.
    name: &'a str,
    /// Whether it is printed `before` or `after` the operations.
    when: &'static str,
    /// Its parts: texts, and names of hidden values.
    value: Vec<Value>,
}

/// Why there is no plan.
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
enum FailureDocument<'a> {
    /// The input is invalid.
    InvalidInput(Vec<ProblemDocument<'a>>),
    /// The phase does not support the task.
    Unsupported(&'a str),
    /// Another failure.
    Other(&'a str),
}

/// What is wrong with a field.
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
struct ProblemDocument<'a> {
    /// The path of the field.
    path: &'a str,
    /// What is wrong with it.
    message: &'a str,
}

/// The document of an answer.
///
/// # Errors
/// An [`io::Error`] if serialization fails, which does not happen for these types.
pub fn answer(said: CaseAnswer<'_>) -> io::Result<String> {
    let (plan, failure) = match said {
        CaseAnswer::Plan(content, names) => (Some(plan(content, names)), None),
        CaseAnswer::InvalidInput(problems) => {
            let problems = problems.into_iter().map(|(path, message)| ProblemDocument { path, message });
            (None, Some(FailureDocument::InvalidInput(problems.collect())))
        }
        CaseAnswer::Unsupported(text) => (None, Some(FailureDocument::Unsupported(text))),
        CaseAnswer::Other(text) => (None, Some(FailureDocument::Other(text))),
    };
    rendered(&AnswerDocument { head: DocumentKind::Answer.head(), plan, failure }, Syntax::Yaml)
}

/// A handwritten document as [`answer`] would write it: order, quotes and comments do not matter.
#[must_use]
pub fn settled(expected: &Value) -> String {
    expected.as_object().map_or_else(|| format!("{expected}\n"), write_object)
}

fn plan<'a>(content: &'a Content, names: &BTreeMap<SecretId, String>) -> PlanDocument<'a> {
    PlanDocument {
        operations: content.operations.iter().map(|given| operation(given, names)).collect(),
        findings: content.findings.iter().map(finding).collect(),
        notes: &content.notes,
        outputs: content.outputs.iter().map(|given| output(given, names)).collect(),
    }
}

fn operation<'a>(operation: &'a Operation, names: &BTreeMap<SecretId, String>) -> OperationDocument<'a> {
    OperationDocument {
        id: operation.id.as_str(),
        target: ObjectDocument::from(&operation.target),
        action: operation.action.verb(),
        body: operation.action.body().map(|body| Value::Object(named(body, names))),
        when: match operation.when {
            Precondition::Absent => "absent",
            Precondition::AsObserved => "as-observed",
            Precondition::Any => "any",
        },
        after: ids(&operation.after),
        reason: &operation.reason,
    }
}

fn finding(finding: &Finding) -> FindingDocument<'_> {
    FindingDocument {
        rule: &finding.rule,
        severity: finding.severity.as_str(),
        title: &finding.title,
        detail: &finding.detail,
        target: finding.target.as_ref().map(ObjectDocument::from),
        remedy: ids(&finding.remedy),
        references: &finding.references,
    }
}

fn output<'a>(output: &'a Output, names: &BTreeMap<SecretId, String>) -> OutputDocument<'a> {
    let part = |part: &OutputPart| match part {
        OutputPart::Text(text) => json!(text),
        OutputPart::Secret(id) => handle(id, names),
    };
    let when = match output.when {
        Moment::Before => "before",
        Moment::After => "after",
    };
    OutputDocument { name: &output.name, when, value: output.value.iter().map(part).collect() }
}

fn ids(ids: &[OperationId]) -> Vec<&str> {
    ids.iter().map(OperationId::as_str).collect()
}

/// A body with names in place of its hidden values.
fn named(fields: &Map<String, Value>, names: &BTreeMap<SecretId, String>) -> Map<String, Value> {
    fields.iter().map(|(name, value)| (name.clone(), named_value(value, names))).collect()
}

fn named_value(value: &Value, names: &BTreeMap<SecretId, String>) -> Value {
    match (SecretId::from_handle(value), value) {
        (Some(id), _) => handle(&id, names),
        (None, Value::Object(fields)) => Value::Object(named(fields, names)),
        (None, Value::Array(items)) => items.iter().map(|item| named_value(item, names)).collect(),
        (None, other) => other.clone(),
    }
}

/// The name of a hidden value. The policy refuses a value without a name.
fn handle(id: &SecretId, names: &BTreeMap<SecretId, String>) -> Value {
    json!({ "$secret": names.get(id).map_or_else(|| id.as_str(), String::as_str) })
}
