//! The list of the compiled phases on this machine.

use super::document::Shown;
use super::short_duration::short_duration;
use super::table::table;
use super::terminal::Printer;
use jiff::Timestamp;
use kubephase_core::document::{DocumentHead, DocumentKind};
use serde::Serialize;
use std::io;

const COLUMNS: [&str; 4] = ["DIGEST", "ENGINE", "SIZE", "AGE"];

/// A compiled phase.
#[derive(Debug)]
pub struct CodeRow {
    /// The digest of the component.
    pub digest: String,
    /// The version of the engine that compiled it.
    pub engine: String,
    /// The size of the code, bytes.
    pub size: u64,
    /// When it was compiled.
    pub made: Timestamp,
}

/// The compiled phases, the latest first, and the current time.
#[derive(Debug)]
pub struct CodeRows<'a> {
    /// The compiled phases.
    pub items: &'a [CodeRow],
    /// The current time, for their ages.
    pub now: Timestamp,
}

#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub(crate) struct CodeListDocument<'a> {
    #[serde(flatten)]
    head: DocumentHead,
    /// The compiled phases, the latest first.
    items: Vec<CodeDocument<'a>>,
}

/// A compiled phase.
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
struct CodeDocument<'a> {
    /// The digest of the component.
    digest: &'a str,
    /// The version of the engine that compiled it.
    engine: &'a str,
    /// The size of the code, bytes.
    size: u64,
    /// When it was compiled, RFC 3339.
    made: String,
}

impl Shown for CodeRows<'_> {
    fn text(&self, printer: &Printer<'_>) -> io::Result<()> {
        if self.items.is_empty() {
            return printer.message("no compiled phases");
        }
        let cells = |item: &CodeRow| {
            [item.digest.clone(), item.engine.clone(), item.size.to_string(), short_duration(self.now, item.made)]
        };
        table(COLUMNS, self.items.iter().map(cells), printer)
    }

    fn document(&self) -> impl Serialize {
        let items = self.items.iter().map(|item| CodeDocument {
            digest: &item.digest,
            engine: &item.engine,
            size: item.size,
            made: item.made.to_string(),
        });
        CodeListDocument { head: DocumentKind::CompiledPhaseList.head(), items: items.collect() }
    }
}
