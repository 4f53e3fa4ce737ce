//! The line diff of a plan, in the format of `kubectl diff` (`kubectl/pkg/cmd/diff/diff.go`).

use super::line::{Fold, Line};
use super::object::write_object;
use super::terminal::Printer;
use anstyle::{AnsiColor, Style};
use kubephase_core::change::Change;
use kubephase_core::manifest::{differing_fields, manifest, settled};
use kubephase_core::object::{Object, ObjectRef};
use kubephase_core::saved::{ChangedDocument, ObjectDocument};
use kubephase_core::secret::mask;
use serde_json::{Map, Value};
use similar::TextDiff;
use std::io;

/// Prints a unified diff of each object that changes: its current state (`LIVE`) and its future one (`MERGED`). `hidden` are
/// fields of `metadata` that are not shown. Values of Secrets are masked. Unchanged objects are omitted.
///
/// # Errors
/// An [`io::Error`] if the output cannot be written.
pub fn diff(changes: &[Change<'_>], hidden: &[&str], printer: &Printer<'_>) -> io::Result<()> {
    let sides = |object: &Option<Object>| object.as_ref().map(|object| shown(object, hidden));
    let lines = changes.iter().flat_map(|change| lines(change.target, sides(&change.before), sides(&change.after)));
    lines.into_iter().try_for_each(|line| print(&line, printer))
}

/// What a plan changes of each object, for its file: without what the API server and its controllers write, which may change
/// before the plan is applied.
#[must_use]
pub fn changed(changes: &[Change<'_>]) -> Vec<ChangedDocument> {
    let document = |change: &Change<'_>| {
        let diff = lines(change.target, change.before.as_ref().map(settled), manifest(change));
        let (object, fields) = (ObjectDocument::from(change.target), differing_fields(change));
        (!diff.is_empty()).then_some(ChangedDocument { object, fields, diff })
    };
    changes.iter().filter_map(document).collect()
}

/// Prints the diffs of a plan's file.
///
/// # Errors
/// An [`io::Error`] if the output cannot be written.
pub fn of_file(changes: &[ChangedDocument], printer: &Printer<'_>) -> io::Result<()> {
    changes.iter().flat_map(|change| &change.diff).try_for_each(|line| print(line, printer))
}

fn print(line: &str, printer: &Printer<'_>) -> io::Result<()> {
    printer.print(&Line { style: style(line), words: line.to_owned(), rest: String::new(), fold: Fold::Never })
}

/// What a line of a diff is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DiffLine {
    /// It names the object.
    File,
    /// It goes.
    Removed,
    /// It comes.
    Added,
    /// It says where the next lines are.
    Place,
    /// It stays.
    Same,
}

impl DiffLine {
    /// By how the line begins.
    #[must_use]
    pub const fn of(line: &str) -> Self {
        match line.as_bytes() {
            [b'd', b'i', b'f', b'f', ..] | [b'-', b'-', b'-', ..] | [b'+', b'+', b'+', ..] => Self::File,
            [b'-', ..] => Self::Removed,
            [b'+', ..] => Self::Added,
            [b'@', ..] => Self::Place,
            _ => Self::Same,
        }
    }

    /// The name, as a style sheet has it.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::File => "file",
            Self::Removed => "removed",
            Self::Added => "added",
            Self::Place => "place",
            Self::Same => "same",
        }
    }
}

/// The colours of `git diff`.
const fn style(line: &str) -> Style {
    match DiffLine::of(line) {
        DiffLine::File => Style::new().bold(),
        DiffLine::Removed => AnsiColor::Red.on_default(),
        DiffLine::Added => AnsiColor::Green.on_default(),
        DiffLine::Place => AnsiColor::Cyan.on_default(),
        DiffLine::Same => Style::new(),
    }
}

/// The lines of an object that changes; none for another.
fn lines(target: &ObjectRef, mut before: Option<Map<String, Value>>, mut after: Option<Map<String, Value>>) -> Vec<String> {
    if target.of.is_secret() {
        mask(before.as_mut(), after.as_mut());
    }
    let [before, after] = [before, after].map(|fields| fields.as_ref().map(write_object).unwrap_or_default());
    if before == after {
        return Vec::new();
    }
    let name = name(target);
    let [live, merged] = ["LIVE", "MERGED"].map(|side| format!("{side}/{name}"));
    let lines = TextDiff::from_lines(&before, &after).unified_diff().header(&live, &merged).to_string();
    let head = std::iter::once(format!("diff -u -N {live} {merged}"));
    head.chain(lines.split_terminator('\n').map(str::to_owned)).collect()
}

fn shown(object: &Object, hidden: &[&str]) -> Map<String, Value> {
    let mut fields = object.fields().clone();
    if let Some(metadata) = fields.get_mut("metadata").and_then(Value::as_object_mut) {
        metadata.retain(|name, _| !hidden.contains(&name.as_str()));
    }
    fields
}

/// The name of kubectl's file: `group.version.kind.namespace.name`, without the group for the core group.
fn name(target: &ObjectRef) -> String {
    let group = if target.of.group().is_empty() { String::new() } else { format!("{}.", target.of.group()) };
    let namespace = target.namespace.as_ref().map(|namespace| namespace.as_str()).unwrap_or_default();
    format!("{group}{}.{}.{namespace}.{}", target.of.version(), target.of.kind(), target.name)
}
