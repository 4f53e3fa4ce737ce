//! The list of the undo plans on this machine.

use super::document::Shown;
use super::short_duration::short_duration;
use super::table::table;
use super::terminal::Printer;
use jiff::Timestamp;
use kubephase_core::document::{DocumentHead, DocumentKind};
use kubephase_core::saved::{KeptUndo, UndoHistory};
use serde::Serialize;
use std::io;

const COLUMNS: [&str; 6] = ["ID", "AGE", "TASK", "STATE", "OBJECTS", "CLUSTER"];

/// The undo plans of this machine, the latest first, and the current time.
#[derive(Debug)]
pub struct UndoRows<'a, F> {
    /// The undo plans.
    pub history: &'a UndoHistory<F>,
    /// The current time, for their ages.
    pub now: Timestamp,
}

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
    /// When it was made, RFC 3339; missing if the id does not begin with a time.
    #[serde(skip_serializing_if = "Option::is_none")]
    made: Option<String>,
    /// The task of the run.
    task: &'a str,
    /// `applied`, `undone`, or `redo` for what makes an undone run's changes again.
    state: &'static str,
    /// The objects that the run changed, as kubectl names them.
    objects: Vec<String>,
    /// Where the objects are: `live` or `folder`.
    against: &'a str,
    /// The URL that the API server was reached at.
    server: &'a str,
}

impl<F> Shown for UndoRows<'_, F> {
    fn text(&self, printer: &Printer<'_>) -> io::Result<()> {
        let mut rows = self.history.iter().map(row_document).peekable();
        if rows.peek().is_none() {
            return printer.message("no undo plans");
        }
        let cells = |(row, kept): (UndoRowDocument<'_>, &KeptUndo<F>)| {
            let cluster = if row.against == "live" { row.server } else { row.against };
            let age = made(kept).map_or_else(|| "<unknown>".to_owned(), |made| short_duration(self.now, made));
            [row.id, &age, row.task, row.state, &in_short(&row.objects), cluster].map(str::to_owned)
        };
        table(COLUMNS, rows.zip(self.history.iter()).map(cells), printer)
    }

    fn document(&self) -> impl Serialize {
        UndoListDocument { head: DocumentKind::UndoList.head(), items: self.history.iter().map(row_document).collect() }
    }
}

fn made<F>(kept: &KeptUndo<F>) -> Option<Timestamp> {
    kept.document.made().parse().ok()
}

fn row_document<F>(kept: &KeptUndo<F>) -> UndoRowDocument<'_> {
    let document = &kept.document;
    let objects = document.targets().unwrap_or_default();
    UndoRowDocument {
        id: &document.id,
        made: made(kept).map(|made| made.to_string()),
        task: &document.task,
        state: kept.state.as_str(),
        objects: objects.iter().map(ToString::to_string).collect(),
        against: &document.cluster.against,
        server: &document.cluster.server,
    }
}

/// The first object, and how many more there are.
fn in_short(objects: &[String]) -> String {
    match objects {
        [] => String::new(),
        [one] => one.clone(),
        [first, more @ ..] => format!("{first} and {} more", more.len()),
    }
}
