//! Reports as text.

use super::terminal::{Printer, collapsed};
use super::{PhaseLines, resolved};
use kubephase_core::output::Moment;
use kubephase_core::report::{Effect, EntryResult, Mode, Report};
use kubephase_core::secret::Secrets;
use std::io;

/// Prints what comes before the first write.
///
/// # Errors
/// An [`io::Error`] if the output cannot be written.
pub fn before(lines: PhaseLines<'_>, secrets: &Secrets, printer: &Printer<'_>) -> io::Result<()> {
    for output in lines.outputs_at(Moment::Before) {
        if let Some(line) = resolved(output, secrets) {
            printer.line(&line)?;
        }
    }
    Ok(())
}

/// Prints what comes after the last write: the notes of the phase if all is done, a line per object, then the lines of the phase; if everything is done and `only` names
/// lines of the phase, only those.
///
/// # Errors
/// An [`io::Error`] if the output cannot be written.
pub fn after(
    report: &Report,
    lines: PhaseLines<'_>,
    only: Option<&str>,
    secrets: &Secrets,
    printer: &Printer<'_>,
) -> io::Result<()> {
    let is_done = report.mode == Mode::Applied && report.is_complete();
    if report.is_complete() && only.is_none() {
        // They say what was done, or in a dry run what would be.
        lines.notes.iter().try_for_each(|note| printer.line(note))?;
    }
    if only.is_none() || !is_done {
        entries(report, printer)?;
    }
    let outputs = lines.outputs_at(Moment::After).filter(|output| is_done && only.is_none_or(|name| output.name == name));
    for output in outputs {
        if let Some(line) = resolved(output, secrets) {
            printer.line(&line)?;
        }
    }
    Ok(())
}

/// Prints a line per object.
fn entries(report: &Report, printer: &Printer<'_>) -> io::Result<()> {
    let suffix = match report.mode {
        Mode::Client => " (dry run)",
        Mode::Server => " (server dry run)",
        Mode::Applied => "",
    };
    for entry in &report.entries {
        match &entry.result {
            EntryResult::Done(effect) => printer.line(&format!("{} {}{suffix}", entry.target, effect.as_str()))?,
            EntryResult::Failed(error) | EntryResult::Stale(error) => {
                printer.line(&format!("{} failed", entry.target))?;
                error.lines().try_for_each(|line| printer.message(line))?;
            }
            EntryResult::Unknown(error) => {
                printer.line(&format!("{} unknown", entry.target))?;
                error.lines().try_for_each(|line| printer.message(line))?;
            }
            EntryResult::NotDone => printer.line(&format!("{} not done", entry.target))?,
        }
    }
    Ok(())
}

/// Prints a plan: a line per object that changes, then the totals.
///
/// # Errors
/// An [`io::Error`] if the output cannot be written.
pub fn plan(report: &Report, printer: &Printer<'_>) -> io::Result<()> {
    let mut counts = [0_usize; 4];
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
        let namespace = entry.target.namespace.as_ref().map(|namespace| format!(" in {namespace}")).unwrap_or_default();
        printer.line(&format!("{verb} {}{namespace}: {}", entry.target, collapsed(&entry.reason)))?;
    }
    let [create, update, delete, keep] = counts;
    printer.line(&format!("{create} to create, {update} to update, {delete} to delete, {keep} unchanged"))
}
