//! Machine-readable reports: JSON, YAML and names. The format is stable and versioned.

use super::object::write_object;
use super::terminal::{Printer, is_visible};
use super::{PhaseLines, resolved};
use kubephase_core::document::{DocumentHead, DocumentKind};
use kubephase_core::format::{Format, Syntax};
use kubephase_core::report::{Effect, EntryResult, Mode, Report};
use kubephase_core::secret::Secrets;
use serde::Serialize;
use std::io;

#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub(crate) struct ReportDocument<'a> {
    #[serde(flatten)]
    head: DocumentHead,
    /// How far the run went.
    mode: ModeDocument,
    /// Whether every operation succeeded.
    complete: bool,
    /// The operations, in the order of the plan.
    operations: Vec<OperationDocument<'a>>,
    /// The findings of the phase.
    warnings: Vec<WarningDocument<'a>>,
    /// What the phase prints after everything was applied. It may hold secrets.
    outputs: Vec<OutputDocument<'a>>,
}

/// How far a run went.
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
enum ModeDocument {
    /// Planned only.
    ClientDryRun,
    /// Server-side dry run; nothing was stored.
    ServerDryRun,
    /// Applied.
    Applied,
}

/// One operation, and its result.
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
struct OperationDocument<'a> {
    /// The id of the operation.
    id: String,
    /// The `apiVersion` of the object.
    api_version: String,
    /// The `kind` of the object.
    kind: &'a str,
    /// The namespace; missing for a cluster-scoped kind.
    #[serde(skip_serializing_if = "Option::is_none")]
    namespace: Option<&'a str>,
    /// The name of the object.
    name: &'a str,
    /// What became of the operation.
    result: ResultDocument,
    /// Why it failed.
    #[serde(skip_serializing_if = "Option::is_none")]
    error: Option<&'a str>,
    /// The reason given by the phase.
    reason: &'a str,
}

/// What became of an operation, or would.
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "lowercase")]
enum ResultDocument {
    /// The object was created.
    Created,
    /// The object was changed.
    Updated,
    /// The object is unchanged.
    Unchanged,
    /// The object was deleted.
    Deleted,
    /// It failed.
    Failed,
    /// Its answer was lost: it may or may not have succeeded.
    Unknown,
    /// It was not attempted: another operation failed, or the user cancelled.
    #[serde(rename = "not done")]
    NotDone,
}

/// A finding of the phase.
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
struct WarningDocument<'a> {
    /// The id of the rule.
    rule: &'a str,
    /// How severe it is.
    #[cfg_attr(test, schemars(with = "kubephase_core::finding::Severity"))]
    severity: &'static str,
    /// What was found, in one line.
    title: &'a str,
}

/// A line of the phase.
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
struct OutputDocument<'a> {
    /// The name that the phase gives it.
    name: &'a str,
    /// The line.
    value: String,
}

/// Prints a report as one JSON or YAML document.
///
/// # Errors
/// An [`io::Error`] if the output cannot be written.
pub fn document(
    report: &Report,
    lines: PhaseLines<'_>,
    secrets: &Secrets,
    syntax: Syntax,
    printer: &Printer<'_>,
) -> io::Result<()> {
    let document = ReportDocument {
        head: DocumentKind::Report.head(),
        mode: match report.mode {
            Mode::Client => ModeDocument::ClientDryRun,
            Mode::Server => ModeDocument::ServerDryRun,
            Mode::Applied => ModeDocument::Applied,
        },
        complete: report.is_complete(),
        operations: report.entries.iter().map(operation).collect(),
        warnings: lines
            .findings
            .iter()
            .map(|finding| WarningDocument { rule: &finding.rule, severity: finding.severity.as_str(), title: &finding.title })
            .collect(),
        // A join command with a token that was not stored would be misleading.
        outputs: lines
            .outputs
            .iter()
            .filter(|_| report.mode == Mode::Applied && report.is_complete())
            .filter_map(|output| Some(OutputDocument { name: &output.name, value: resolved(output, secrets)?.to_string() }))
            .collect(),
    };
    write(&document, syntax, printer)
}

/// The result of a command, which can be printed as text or as a document.
pub trait Shown {
    /// Prints the result as text.
    ///
    /// # Errors
    /// An [`io::Error`] if the output cannot be written.
    fn text(&self, printer: &Printer<'_>) -> io::Result<()>;

    /// The result as a document. Its format is stable: it has an `apiVersion` and a `kind`.
    fn document(&self) -> impl Serialize;
}

/// Prints a result.
///
/// # Errors
/// An [`io::Error`] if the output cannot be written.
pub fn show(shown: &impl Shown, format: Format, printer: &Printer<'_>) -> io::Result<()> {
    match format {
        Format::Text => shown.text(printer),
        Format::Document(syntax) => write(&shown.document(), syntax, printer),
        Format::Own(never) => match never {},
    }
}

/// Prints a document.
///
/// # Errors
/// An [`io::Error`] if the output cannot be written.
pub fn write(document: &impl Serialize, syntax: Syntax, printer: &Printer<'_>) -> io::Result<()> {
    printer.document(&rendered(document, syntax)?)
}

/// The text of a document, with its fields sorted by name.
///
/// # Errors
/// An [`io::Error`] if serialization fails, which does not happen for these types.
pub(super) fn rendered(document: &impl Serialize, syntax: Syntax) -> io::Result<String> {
    let value = serde_json::to_value(document)?;
    Ok(match syntax {
        Syntax::Json => escaped(serde_json::to_string_pretty(&value)?) + "\n",
        Syntax::Yaml => value.as_object().map(write_object).unwrap_or_default(),
    })
}

/// JSON in which characters that a terminal does not show as themselves are JSON escapes. Such characters occur in strings only.
pub(super) fn escaped(json: String) -> String {
    let is_plain = |character| character == '\n' || is_visible(character);
    if json.chars().all(is_plain) {
        return json;
    }
    let mut escaped = String::with_capacity(json.len());
    for character in json.chars() {
        if is_plain(character) {
            escaped.push(character);
        } else {
            let mut units = [0; 2];
            escaped.extend(character.encode_utf16(&mut units).iter().map(|unit| format!("\\u{unit:04x}")));
        }
    }
    escaped
}

/// Prints the name of each object, one per line.
///
/// # Errors
/// An [`io::Error`] if the output cannot be written.
pub fn names(report: &Report, printer: &Printer<'_>) -> io::Result<()> {
    report.entries.iter().try_for_each(|entry| printer.line(&entry.target.to_string()))
}

fn operation(entry: &kubephase_core::report::ReportEntry) -> OperationDocument<'_> {
    let (result, error) = match &entry.result {
        EntryResult::Done(Effect::Created) => (ResultDocument::Created, None),
        EntryResult::Done(Effect::Updated) => (ResultDocument::Updated, None),
        EntryResult::Done(Effect::Unchanged) => (ResultDocument::Unchanged, None),
        EntryResult::Done(Effect::Deleted) => (ResultDocument::Deleted, None),
        EntryResult::Failed(error) | EntryResult::Stale(error) => (ResultDocument::Failed, Some(error.as_str())),
        EntryResult::Unknown(error) => (ResultDocument::Unknown, Some(error.as_str())),
        EntryResult::NotDone => (ResultDocument::NotDone, None),
    };
    OperationDocument {
        id: entry.id.to_string(),
        api_version: entry.target.of.api_version(),
        kind: entry.target.of.kind(),
        namespace: entry.target.namespace.as_ref().map(|namespace| namespace.as_str()),
        name: entry.target.name.as_str(),
        result,
        error,
        reason: &entry.reason,
    }
}

#[cfg(test)]
mod tests {
    use super::escaped;
    use crate::render::terminal::clean;
    use serde_json::{Value, json};

    #[test]
    fn json_stays_json_on_a_terminal() {
        let value = json!({ "a\u{202e}b": ["\u{1b}[31m", "\u{e0041}", "ä 漢 🎉", "\u{200b}\u{7f}"] });
        let text = escaped(serde_json::to_string_pretty(&value).unwrap());
        assert_eq!(serde_json::from_str::<Value>(&text).unwrap(), value);
        assert!(text.lines().all(|line| clean(line) == line), "{text}");
    }
}
