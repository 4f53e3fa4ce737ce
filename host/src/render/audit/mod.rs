//! An audit in every format. All formats come from one model, with the same contents and the same exit code. None contains
//! secrets: the phase that wrote the texts never sees any.

mod address;
mod document;
mod junit;
mod openmetrics;
mod openreports;
mod page;
mod run;
mod sarif;
mod summary;
#[cfg(test)]
mod tests;
mod text;

#[cfg(test)]
pub(crate) use document::AuditDocument;
pub use document::{AuditFile, audit_of, found};
#[cfg(test)]
pub(crate) use run::RunDocument;
pub use summary::table;
pub use text::print;

use super::document::rendered;
use super::terminal::clean;
use kubephase_core::audit::{Audit, AuditRun};
use kubephase_core::format::{AuditFormat, Format, Syntax};
use kubephase_core::name::shortened;
use serde_json::{Map, Value};
use std::io;

/// The complete text in a format. A [`Printer`](super::terminal::Printer) or [`clean_lines`](super::terminal::clean_lines) makes it safe to show on a terminal.
///
/// # Errors
/// An [`io::Error`] if serialization fails, which does not happen for these types.
pub fn written(audit: &Audit, format: Format<AuditFormat>) -> io::Result<String> {
    Ok(match format {
        Format::Text => text::lines(audit, None).iter().map(|line| clean(&line.text()) + "\n").collect(),
        Format::Document(syntax) => rendered(&document::document(audit), syntax)?,
        Format::Own(AuditFormat::Sarif) => rendered(&sarif::log(audit), Syntax::Json)?,
        Format::Own(AuditFormat::Junit) => junit::report(audit)?,
        Format::Own(AuditFormat::OpenMetrics) => openmetrics::exposition(audit)?,
        Format::Own(AuditFormat::Html) => page::page(audit)?,
        Format::Own(AuditFormat::OpenReports) => rendered(&openreports::list(audit), Syntax::Json)?,
    })
}

/// The reports for a cluster with the definitions of OpenReports, each with its name.
///
/// # Errors
/// An [`io::Error`] if serialization fails, which does not happen for this type.
pub fn cluster_reports(audit: &Audit) -> io::Result<Vec<(String, Map<String, Value>)>> {
    openreports::reports(audit)
}

/// The document of a run, JSON.
///
/// # Errors
/// An [`io::Error`] if serialization fails, which does not happen for this type.
pub fn written_run(run: &AuditRun) -> io::Result<String> {
    rendered(&run::document(run), Syntax::Json)
}

/// What is wrong with a value in a document that was written before.
fn odd(field: &str, value: &str) -> String {
    format!("`{field}` is `{}`", shortened(value))
}

/// A text of several lines, each cleaned.
fn cleaned(text: &str) -> String {
    text.lines().map(clean).collect::<Vec<_>>().join("\n")
}
