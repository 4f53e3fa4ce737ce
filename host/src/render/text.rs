//! Reports as text.

use super::line::{Fold, Line, of_effect};
use super::terminal::Printer;
use super::{PhaseLines, resolved};
use anstyle::{AnsiColor, Style};
use kubephase_core::output::Moment;
use kubephase_core::report::{EntryResult, Mode, Report};
use kubephase_core::secret::Secrets;
use std::io;

/// How far a line that is too long goes on indented, columns.
const INDENT: usize = 4;

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
        lines.notes.iter().try_for_each(|note| printer.print(&Line::plain(note.as_str(), Fold::Below(INDENT))))?;
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
        let say = |style, what: &str| {
            let rest = format!(" {what}");
            printer.print(&Line { style, words: entry.target.to_string(), rest, fold: Fold::Below(INDENT) })
        };
        let bad = AnsiColor::Red.on_default().bold();
        match &entry.result {
            EntryResult::Done(effect) => say(of_effect(*effect), &format!("{}{suffix}", effect.as_str()))?,
            EntryResult::Failed(error) | EntryResult::Stale(error) => {
                say(bad, "failed")?;
                error.lines().try_for_each(|line| printer.message(line))?;
            }
            EntryResult::Unknown(error) => {
                say(bad, "unknown")?;
                error.lines().try_for_each(|line| printer.message(line))?;
            }
            EntryResult::NotDone => say(Style::new(), "not done")?,
        }
    }
    Ok(())
}
