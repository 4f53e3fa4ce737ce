//! Machine-readable reports: JSON, YAML and names. The format is stable and versioned.

use super::object::write_object;
use super::terminal::{Printer, clean};
use super::{PhaseLines, resolved};
use kubephase_core::format::{Format, Syntax};
use kubephase_core::report::{EntryResult, Mode, Report};
use kubephase_core::secret::Secrets;
use serde::Serialize;
use std::io;

/// The version of the document format.
pub(super) const API_VERSION: &str = "bootstrap-token.kubectl/v1alpha1";

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct ReportDocument<'a> {
    api_version: &'static str,
    kind: &'static str,
    mode: &'static str,
    complete: bool,
    operations: Vec<OperationDocument<'a>>,
    warnings: Vec<WarningDocument<'a>>,
    outputs: Vec<OutputDocument<'a>>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct OperationDocument<'a> {
    id: String,
    api_version: String,
    kind: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    namespace: Option<&'a str>,
    name: &'a str,
    result: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    error: Option<&'a str>,
    reason: &'a str,
}

#[derive(Serialize)]
struct WarningDocument<'a> {
    rule: &'a str,
    severity: &'static str,
    title: &'a str,
}

#[derive(Serialize)]
struct OutputDocument<'a> {
    name: &'a str,
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
        api_version: API_VERSION,
        kind: "Report",
        mode: match report.mode {
            Mode::Client => "client-dry-run",
            Mode::Server => "server-dry-run",
            Mode::Applied => "applied",
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
        Syntax::Json => escaped(&serde_json::to_string_pretty(&value)?) + "\n",
        Syntax::Yaml => value.as_object().map(write_object).unwrap_or_default(),
    })
}

/// JSON in which characters that a terminal does not show as themselves are JSON escapes. Such characters occur in strings only.
fn escaped(json: &str) -> String {
    let mut escaped = String::with_capacity(json.len());
    for character in json.chars() {
        let mut buffer = [0; 4];
        let text: &str = character.encode_utf8(&mut buffer);
        if character == '\n' || clean(text) == text {
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
        EntryResult::Done(effect) => (effect.as_str(), None),
        EntryResult::Failed(error) | EntryResult::Stale(error) => ("failed", Some(error.as_str())),
        EntryResult::Unknown(error) => ("unknown", Some(error.as_str())),
        EntryResult::NotDone => ("not done", None),
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
        let text = escaped(&serde_json::to_string_pretty(&value).unwrap());
        assert_eq!(serde_json::from_str::<Value>(&text).unwrap(), value);
        assert!(text.lines().all(|line| clean(line) == line), "{text}");
    }
}
