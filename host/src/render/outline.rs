//! A plan for those who review it: as text, as a diff, and as Markdown for a pull request.

use super::diff::of_file;
use super::document::write;
use super::line::{Fold, Line, of_effect};
use super::terminal::{Printer, collapsed};
use kubephase_core::format::{Format, ShowFormat};
use kubephase_core::name::shortened_to;
use kubephase_core::object::ObjectRef;
use kubephase_core::report::{Effect, EntryResult, Report};
use kubephase_core::saved::{
    ChangedDocument, ClusterDocument, ObjectDocument, PhaseDocument, PlanDocument, Saved, SavedError, UndoDocument,
};
use std::borrow::Cow;
use std::io;

/// How much the next lines of an operation are indented, columns.
const INDENT: usize = 4;
/// How many of the fields that differ are named.
const MOST_FIELDS: usize = 5;
/// How many lines of a phase are shown, and how long one may be, characters.
const MOST_LINES: usize = 20;
const LINE_CHARACTERS: usize = 300;
/// How many characters of a digest identify a phase to a person.
const SHORT_DIGEST: usize = "sha256:".len() + 12;

/// A plan, and what it says of itself.
pub struct Outline<'a> {
    /// What it is, and which cluster it is for.
    title: String,
    /// When and by what it was made.
    origin: String,
    /// What each operation would do.
    report: Report,
    /// What it changes of each object.
    changes: Cow<'a, [ChangedDocument]>,
    /// The findings of the phase.
    lines: Vec<String>,
    /// The whole file.
    text: String,
}

impl<'a> Outline<'a> {
    /// The outline of a file.
    ///
    /// # Errors
    /// [`SavedError::Unreadable`] for invalid names in it.
    pub fn of(saved: &'a Saved) -> Result<Self, SavedError> {
        match saved {
            Saved::Plan(plan) => Self::of_plan(plan),
            Saved::Undo(undo) => Self::of_undo(undo),
        }
    }

    /// The outline of a plan.
    ///
    /// # Errors
    /// Like [`Outline::of`].
    pub fn of_plan(plan: &'a PlanDocument) -> Result<Self, SavedError> {
        let (report, lines) = plan.foreseen()?;
        Ok(Self {
            title: format!("plan of `{}` for {}", plan.question.task(), place(&plan.cluster)),
            origin: origin(plan.question.now(), &plan.phase),
            report,
            changes: Cow::Borrowed(&plan.changes),
            lines,
            text: plan.text(),
        })
    }

    fn of_undo(undo: &UndoDocument) -> Result<Self, SavedError> {
        let targets = undo.targets()?;
        let what = if undo.is_redo() { "redo" } else { "undo" };
        Ok(Self {
            title: format!("{what} of `{}` in {}", undo.task, place(&undo.cluster)),
            origin: origin(undo.made(), &undo.phase),
            report: undo.foreseen(&targets),
            changes: Cow::Owned(super::diff::changed(&undo.changes(&targets))),
            lines: Vec::new(),
            text: undo.text(),
        })
    }
}

fn place(ClusterDocument { against, server, version, .. }: &ClusterDocument) -> String {
    match (against.as_str(), version.as_str()) {
        ("live", "") => server.clone(),
        ("live", version) => format!("{server} ({version})"),
        _ => "a folder".to_owned(),
    }
}

fn origin(made: &str, PhaseDocument { id, version, digest }: &PhaseDocument) -> String {
    let digest: String = digest.chars().take(SHORT_DIGEST).collect();
    format!("made {made} by {id} {version} ({digest})")
}

/// Prints an outline.
///
/// # Errors
/// An [`io::Error`] if the output cannot be written.
pub fn print(outline: &Outline<'_>, format: Format<ShowFormat>, printer: &Printer<'_>) -> io::Result<()> {
    match format {
        Format::Text => {
            printer.line(&outline.title)?;
            printer.line(&outline.origin)?;
            printer.line("")?;
            operations(&outline.report, &outline.changes, printer)?;
            lines(outline).try_for_each(|line| printer.line(&line))
        }
        Format::Document(syntax) => write(&serde_json::from_str::<serde_json::Value>(&outline.text)?, syntax, printer),
        Format::Own(ShowFormat::Diff) => of_file(&outline.changes, printer),
        Format::Own(ShowFormat::Markdown) => markdown(outline, printer),
    }
}

fn lines<'a>(outline: &'a Outline<'_>) -> impl Iterator<Item = Cow<'a, str>> {
    outline.lines.iter().take(MOST_LINES).map(|line| shortened_to(line, LINE_CHARACTERS))
}

/// A line of a plan.
struct Row<'a> {
    verb: &'static str,
    effect: Effect,
    target: &'a ObjectRef,
    /// The fields that differ.
    fields: String,
    reason: String,
}

/// The operations that change something, and how many create, update, delete and keep.
fn rows<'a>(report: &'a Report, changes: &[ChangedDocument]) -> (Vec<Row<'a>>, [usize; 4]) {
    let (mut counts, mut rows) = ([0_usize; 4], Vec::new());
    for entry in &report.entries {
        let EntryResult::Done(effect) = entry.result else { continue };
        let (verb, place) = match effect {
            Effect::Created => (Some("create"), 0),
            Effect::Updated => (Some("update"), 1),
            Effect::Deleted => (Some("delete"), 2),
            Effect::Unchanged => (None, 3),
        };
        if let Some(count) = counts.get_mut(place) {
            *count += 1;
        }
        let Some(verb) = verb else { continue };
        let object = ObjectDocument::from(&entry.target);
        let change = changes.iter().find(|change| change.object == object && effect == Effect::Updated);
        let fields = change.map(|change| fields(&change.fields)).unwrap_or_default();
        rows.push(Row { verb, effect, target: &entry.target, fields, reason: collapsed(&entry.reason) });
    }
    (rows, counts)
}

fn fields(fields: &[String]) -> String {
    let more = fields.len().saturating_sub(MOST_FIELDS);
    let named = fields.iter().take(MOST_FIELDS).cloned().collect::<Vec<_>>().join(", ");
    if more == 0 { named } else { format!("{named} and {more} more") }
}

fn totals([create, update, delete, keep]: [usize; 4]) -> String {
    format!("{create} to create, {update} to update, {delete} to delete, {keep} unchanged")
}

/// Prints a line for each object that changes, with the fields that differ, then the totals.
///
/// # Errors
/// An [`io::Error`] if the output cannot be written.
pub fn operations(report: &Report, changes: &[ChangedDocument], printer: &Printer<'_>) -> io::Result<()> {
    let (rows, counts) = rows(report, changes);
    for Row { verb, effect, target, fields, reason } in rows {
        let namespace = target.namespace.as_ref().map(|namespace| format!(" in {namespace}")).unwrap_or_default();
        let fields = if fields.is_empty() { fields } else { format!(" ({fields})") };
        let rest = format!(" {target}{namespace}{fields}: {reason}");
        printer.print(&Line { style: of_effect(effect), words: verb.to_owned(), rest, fold: Fold::Below(INDENT) })?;
    }
    printer.line(&totals(counts))
}

/// Prints GitHub Flavored Markdown. All that comes from a phase or a cluster is in code spans and fenced code, where it is neither
/// a link nor a mention nor HTML.
fn markdown(outline: &Outline<'_>, printer: &Printer<'_>) -> io::Result<()> {
    let (rows, counts) = rows(&outline.report, &outline.changes);
    printer.line(&format!("### {}", code(&outline.title)))?;
    printer.line("")?;
    printer.line(&format!("**{}**", totals(counts)))?;
    if !rows.is_empty() {
        ["", "| | object | fields | reason |", "|---|---|---|---|"].into_iter().try_for_each(|line| printer.line(line))?;
    }
    for Row { verb, target, fields, reason, .. } in rows {
        let namespace = target.namespace.as_ref().map(|namespace| format!(" in {}", code(namespace.as_str())));
        let object = format!("{}{}", code(&target.to_string()), namespace.unwrap_or_default());
        printer.line(&format!("| {verb} | {object} | {} | {} |", code(&fields), code(&reason)))?;
    }
    let mut lines = lines(outline).peekable();
    if lines.peek().is_some() {
        printer.line("")?;
    }
    lines.try_for_each(|line| printer.line(&format!("* {}", code(&collapsed(&line)))))?;
    if !outline.changes.is_empty() {
        changed_lines(&outline.changes, printer)?;
    }
    printer.line("")?;
    printer.line(&code(&outline.origin))
}

fn changed_lines(changes: &[ChangedDocument], printer: &Printer<'_>) -> io::Result<()> {
    let all: Vec<&String> = changes.iter().flat_map(|change| &change.diff).collect();
    let fence = "`".repeat(all.iter().map(|line| longest_run(line)).max().unwrap_or_default().max(2) + 1);
    for line in ["", "<details><summary>Changed lines</summary>", "", &format!("{fence}diff")] {
        printer.line(line)?;
    }
    all.iter().try_for_each(|line| printer.line(line))?;
    [fence.as_str(), "", "</details>"].into_iter().try_for_each(|line| printer.line(line))
}

/// A code span (CommonMark 0.31, 6.1), which also fits into a cell of a table (GFM 4.10); nothing for no text.
fn code(text: &str) -> String {
    if text.trim().is_empty() {
        return String::new();
    }
    let fence = "`".repeat(longest_run(text) + 1);
    let pad = if text.starts_with('`') || text.ends_with('`') { " " } else { "" };
    format!("{fence}{pad}{}{pad}{fence}", text.replace('|', r"\|"))
}

/// The length of the longest run of backticks.
fn longest_run(text: &str) -> usize {
    text.split(|character| character != '`').map(str::len).max().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::{code, fields};

    #[test]
    fn a_text_cannot_leave_its_code_span() {
        for (text, expected) in [
            ("plain", "`plain`"),
            ("a `b` c", "``a `b` c``"),
            ("`a`", "`` `a` ``"),
            ("a|b @c <d> http://e", r"`a\|b @c <d> http://e`"),
            ("``", "``` `` ```"),
            ("", ""),
            (" ", ""),
        ] {
            assert_eq!(code(text), expected);
        }
    }

    #[test]
    fn many_fields_are_counted() {
        let names = |count: usize| (0..count).map(|number| number.to_string()).collect::<Vec<_>>();
        for (count, expected) in [(0, ""), (2, "0, 1"), (5, "0, 1, 2, 3, 4"), (7, "0, 1, 2, 3, 4 and 2 more")] {
            assert_eq!(fields(&names(count)), expected);
        }
    }
}
