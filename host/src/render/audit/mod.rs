//! An audit in every format. All are made of one model, say the same, and have the same exit code. No secret is in any of them: the
//! phase that wrote the words has never seen one.

mod document;
mod junit;
mod openmetrics;
mod sarif;
#[cfg(test)]
mod tests;
mod text;

pub use text::print;

use super::document::rendered;
use super::terminal::clean;
use kubephase_core::audit::Audit;
use kubephase_core::format::{AuditFormat, Format, Syntax};
use std::io;

/// The whole text of a format, in which nothing is left that does something to a terminal.
///
/// # Errors
/// What serialization says, which has no reason to fail.
pub fn written(audit: &Audit, format: Format<AuditFormat>) -> io::Result<String> {
    let text = match format {
        Format::Text => text::lines(audit).iter().map(|line| clean(&line.text()) + "\n").collect(),
        Format::Document(syntax) => rendered(&document::document(audit), syntax)?,
        Format::Own(AuditFormat::Sarif) => rendered(&sarif::log(audit), Syntax::Json)?,
        Format::Own(AuditFormat::Junit) => junit::report(audit)?,
        Format::Own(AuditFormat::OpenMetrics) => openmetrics::exposition(audit)?,
    };
    Ok(text.lines().map(|line| clean(line) + "\n").collect())
}

/// A text of several lines, each made visible.
fn cleaned(text: &str) -> String {
    text.lines().map(clean).collect::<Vec<_>>().join("\n")
}
