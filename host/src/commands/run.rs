//! `apply` and `plan`: a task of a phase, as far as the user wants it to go.

use super::session::{ATTEMPTS, Attempt, Session, with_session};
use crate::cli::args::FormatArg;
use crate::config::{Against, ConfigError, Differences, Run, Stage, TokenPrint};
use crate::consent::Person;
use crate::errors::Error;
use crate::execute;
use crate::render::document::{Syntax, document, names};
use crate::render::terminal::Printer;
use crate::render::{Talk, text};
use kubephase_core::name::shortened_to;
use kubephase_core::outcome::Outcome;
use kubephase_core::output::Output;
use kubephase_core::plan::Content;
use kubephase_core::report::{Mode, Report};

/// The most warnings that are printed, and the longest.
const MOST_WARNINGS: usize = 20;
const WARNING_CHARACTERS: usize = 300;

/// Runs a task.
///
/// # Errors
/// [`Error`] for everything that happens before the first write. What happens after it is in the report that was printed, and
/// in the outcome.
pub fn run(mut run: Run, person: Person<'_>, printer: &Printer<'_>) -> Result<Outcome, Error> {
    if run.stage == Stage::Execute && run.against == Against::Empty {
        let rule = "nothing can be written there; use `plan`, `--dry-run=client` or `dir:PATH`";
        return Err(ConfigError::Flag { flag: "--against", value: "empty".to_owned(), rule }.into());
    }
    let stage = run.stage;
    with_session(&mut run, person, printer, |session| match stage {
        Stage::Plan(differences) => {
            let Attempt { plan, .. } = session.plan(&[])?;
            let report = execute::foresee(&plan.content().operations, Mode::Client);
            print_warnings(plan.content(), printer)?;
            print_plan(&report, plan.content(), session.run, printer)?;
            let is_no = differences == Differences::Fail && report.changes() > 0;
            Ok(if is_no { Outcome::No } else { Outcome::Done })
        }
        Stage::Foresee => {
            let Attempt { plan, .. } = session.plan(&[])?;
            print_foreseen(plan.content(), Mode::Client, session.run, printer)
        }
        Stage::Verify => {
            let Attempt { plan, .. } = session.verified(&[])?;
            print_foreseen(plan.content(), Mode::Server, session.run, printer)
        }
        Stage::Execute => carry_out(session, printer),
    })
}

/// Carries out a plan, and makes a new one for what is left as long as other writers come in between.
fn carry_out(session: &mut Session<'_>, printer: &Printer<'_>) -> Result<Outcome, Error> {
    let Attempt { plan, known } = session.verified(&[])?;
    print_before(plan.content(), session.run, printer)?;
    let mut report = execute::execute(&plan, session.cluster);
    for _ in 1..ATTEMPTS {
        if !report.is_stale() {
            break;
        }
        // What went wrong now is told by the report of what was done before.
        let Ok(next) = session.verified(&known.random) else { break };
        report = execute::execute(&next.plan, session.cluster).after(&report);
    }
    print_after(&report, plan.content(), session.run, printer)
}

fn outcome(report: &Report) -> Outcome {
    if report.is_complete() {
        Outcome::Done
    } else if report.changes() > 0 {
        Outcome::Partial
    } else {
        Outcome::Failed
    }
}

/// The lines that may be printed.
fn outputs(content: &Content, run: &Run) -> Vec<Output> {
    let may_print = |output: &&Output| run.token_print == TokenPrint::Show || !output.has_secret();
    content.outputs.iter().filter(may_print).cloned().collect()
}

/// What the phase noticed, as much of it as somebody may want to read.
pub(super) fn print_warnings(content: &Content, printer: &Printer<'_>) -> Result<(), Error> {
    let (shown, more) = content.findings.split_at(content.findings.len().min(MOST_WARNINGS));
    shown
        .iter()
        .try_for_each(|finding| printer.talk(&format!("warning: {}", shortened_to(&finding.title, WARNING_CHARACTERS))))?;
    if !more.is_empty() {
        printer.talk(&format!("warning: and {} more; -o json has all", more.len()))?;
    }
    Ok(())
}

fn print_before(content: &Content, run: &Run, printer: &Printer<'_>) -> Result<(), Error> {
    print_warnings(content, printer)?;
    if run.format == FormatArg::Text {
        let talk = Talk { findings: &content.findings, notes: &content.notes, outputs: &outputs(content, run) };
        text::before(talk, &run.secrets, printer)?;
    }
    Ok(())
}

fn print_after(report: &Report, content: &Content, run: &Run, printer: &Printer<'_>) -> Result<Outcome, Error> {
    let talk = Talk { findings: &content.findings, notes: &content.notes, outputs: &outputs(content, run) };
    match run.format {
        FormatArg::Text => text::after(report, talk, &run.secrets, printer)?,
        FormatArg::Json => document(report, talk, &run.secrets, Syntax::Json, printer)?,
        FormatArg::Yaml => document(report, talk, &run.secrets, Syntax::Yaml, printer)?,
        FormatArg::Name => names(report, printer)?,
    }
    Ok(outcome(report))
}

/// A dry run: what is shown before the first write, and what would have been shown after the last.
fn print_foreseen(content: &Content, mode: Mode, run: &Run, printer: &Printer<'_>) -> Result<Outcome, Error> {
    print_before(content, run, printer)?;
    print_after(&execute::foresee(&content.operations, mode), content, run, printer)
}

fn print_plan(report: &Report, content: &Content, run: &Run, printer: &Printer<'_>) -> Result<(), Error> {
    match run.format {
        FormatArg::Text => text::plan(report, printer)?,
        _ => {
            print_after(report, content, run, printer)?;
        }
    }
    Ok(())
}
