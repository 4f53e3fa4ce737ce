//! Reports as text.

use super::terminal::Printer;
use super::{PhaseLines, resolved};
use kubephase_core::output::Moment;
use kubephase_core::report::{EntryResult, Mode, Report};
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

/// Prints what comes after the last write: the notes of the phase if all is done, a line per object, then the lines of the phase;
/// if everything is done and `only` names lines of the phase, only those.
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
