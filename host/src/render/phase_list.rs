//! The list of the phases in the local store.

use super::document::Shown;
use super::terminal::Printer;
use kubephase_core::document::{DocumentHead, DocumentKind};
use serde::Serialize;
use std::io;

const COLUMNS: [&str; 6] = ["REFERENCE", "DIGEST", "PHASE", "VERSION", "SIZE", "SIGNATURES"];
/// The length of a digest in the table, characters.
const SHORT_DIGEST: usize = "sha256:".len() + 12;

/// A phase in the local store.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Row {
    /// The name of the phase.
    pub reference: String,
    /// The digest of its manifest.
    pub digest: String,
    /// The id and version in the config's claim; `None` without a claim.
    pub phase: Option<(String, String)>,
    /// The size of the component in bytes, and the number of possible signatures; `None` if the entry is damaged.
    pub whole: Option<(u64, usize)>,
}

/// All phases in the local store.
#[derive(Debug, Clone, Copy)]
pub struct Rows<'a>(pub &'a [Row]);

#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub(crate) struct PhaseListDocument<'a> {
    #[serde(flatten)]
    head: DocumentHead,
    /// The phases.
    items: Vec<RowDocument<'a>>,
}

/// A phase in the local store.
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
struct RowDocument<'a> {
    /// The reference of the artifact.
    reference: &'a str,
    /// The digest of its manifest.
    digest: &'a str,
    /// What its config says about the phase.
    #[serde(skip_serializing_if = "Option::is_none")]
    phase: Option<PhaseDocument<'a>>,
    /// Whether a part of it is missing or changed.
    damaged: bool,
    /// The size of the component, bytes; missing if it is damaged.
    #[serde(skip_serializing_if = "Option::is_none")]
    size: Option<u64>,
    /// The number of what could be signatures; missing if it is damaged.
    #[serde(skip_serializing_if = "Option::is_none")]
    signatures: Option<usize>,
}

/// The identity of a phase.
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
struct PhaseDocument<'a> {
    /// The id of the phase.
    id: &'a str,
    /// What the phase calls its version.
    version: &'a str,
}

impl Shown for Rows<'_> {
    fn text(&self, printer: &Printer<'_>) -> io::Result<()> {
        table(self.0, printer)
    }

    fn document(&self) -> impl Serialize {
        PhaseListDocument { head: DocumentKind::PhaseList.head(), items: self.0.iter().map(row_document).collect() }
    }
}

/// Prints the references with their digests.
///
/// # Errors
/// An [`io::Error`] if the output cannot be written.
pub fn names(rows: &[Row], printer: &Printer<'_>) -> io::Result<()> {
    rows.iter().try_for_each(|row| printer.line(&name(row)))
}

/// The reference with its digest, which is not repeated if the reference has it.
fn name(row: &Row) -> String {
    if row.reference.contains('@') { row.reference.clone() } else { format!("{}@{}", row.reference, row.digest) }
}

fn row_document(row: &Row) -> RowDocument<'_> {
    RowDocument {
        reference: &row.reference,
        digest: &row.digest,
        phase: row.phase.as_ref().map(|(id, version)| PhaseDocument { id, version }),
        damaged: row.whole.is_none(),
        size: row.whole.map(|(size, _)| size),
        signatures: row.whole.map(|(_, signatures)| signatures),
    }
}

/// Prints the table; without phases it has no header either, like kubectl's tables.
fn table(rows: &[Row], printer: &Printer<'_>) -> io::Result<()> {
    if rows.is_empty() {
        return printer.message("the local store is empty");
    }
    let cells = |row: &Row| {
        let (id, version) = row.phase.clone().unwrap_or_else(|| ("<unknown>".to_owned(), "<unknown>".to_owned()));
        let (size, signatures) = match row.whole {
            Some((size, signatures)) => (size.to_string(), signatures.to_string()),
            None => ("<damaged>".to_owned(), "<damaged>".to_owned()),
        };
        let digest = row.digest.get(..SHORT_DIGEST).unwrap_or(&row.digest).to_owned();
        [row.reference.clone(), digest, id, version, size, signatures]
    };
    super::table::table(COLUMNS, rows.iter().map(cells), printer)
}
