//! The list of the undo plans on this machine.

use super::document::Shown;
use super::terminal::{Printer, clean};
use kubephase_core::document::{DocumentHead, DocumentKind};
use kubephase_core::saved::UndoDocument;
use serde::Serialize;
use std::io::{self, Write as _};
use tabwriter::TabWriter;

const COLUMNS: [&str; 5] = ["ID", "TASK", "OBJECTS", "STATE", "CLUSTER"];

/// An undo plan.
#[derive(Debug, Clone, Copy)]
pub struct UndoRow<'a> {
    /// What its file holds.
    pub document: &'a UndoDocument,
    /// What became of the run since.
    pub state: &'static str,
}

/// All undo plans, the latest first.
#[derive(Debug, Clone)]
pub struct UndoRows<'a>(pub Vec<UndoRow<'a>>);

#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub(crate) struct UndoListDocument<'a> {
    #[serde(flatten)]
    head: DocumentHead,
    /// The undo plans, the latest first.
    items: Vec<UndoRowDocument<'a>>,
}

/// An undo plan.
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
struct UndoRowDocument<'a> {
    /// The id, for `undo`.
    id: &'a str,
    /// The task of the run.
    task: &'a str,
    /// The number of objects that it changed.
    objects: usize,
    /// `applied`, `undone`, or `redo` for what makes an undone run's changes again.
    state: &'static str,
    /// Where the objects are: `live` or `folder`.
    against: &'a str,
    /// The URL that the API server was reached at.
    server: &'a str,
}

impl Shown for UndoRows<'_> {
    fn text(&self, printer: &Printer<'_>) -> io::Result<()> {
        if self.0.is_empty() {
            return printer.message("no undo plans");
        }
        let mut writer = TabWriter::new(Vec::new()).padding(3);
        writeln!(writer, "{}", COLUMNS.join("\t"))?;
        for UndoRow { document, state } in &self.0 {
            let cluster = if document.cluster.against == "live" { &document.cluster.server } else { &document.cluster.against };
            let cells = [&document.id, &document.task, &document.len().to_string(), *state, cluster].map(clean);
            writeln!(writer, "{}", cells.join("\t"))?;
        }
        let text = writer.into_inner().map_err(|error| io::Error::other(error.to_string()))?;
        printer.document(&String::from_utf8(text).map_err(io::Error::other)?)
    }

    fn document(&self) -> impl Serialize {
        UndoListDocument { head: DocumentKind::UndoList.head(), items: self.0.iter().map(row_document).collect() }
    }
}

fn row_document<'a>(row: &UndoRow<'a>) -> UndoRowDocument<'a> {
    let UndoRow { document, state } = *row;
    let cluster = &document.cluster;
    UndoRowDocument {
        id: &document.id,
        task: &document.task,
        objects: document.len(),
        state,
        against: &cluster.against,
        server: &cluster.server,
    }
}
