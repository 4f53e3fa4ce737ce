//! `apply` and `plan`: runs a task of a phase up to the requested stage.

use super::check;
use super::view;
use crate::config::machine::parse_line;
use crate::config::{Against, ConfigError, Differences, PlanView, Precheck, RecordingUse, Run, RunAnswer, Stage, TokenPrint};
use crate::consent::Person;
use crate::errors::Error;
use crate::render::diff::changed;
use crate::render::document::{document, names};
use crate::render::join_form::join_form;
use crate::render::terminal::Printer;
use crate::render::{PhaseLines, outline, resolved, text};
use crate::session::execute::{self, Executed};
use crate::session::handout::Handout;
use crate::session::undo::{UndoLog, values_file};
use crate::session::{ATTEMPTS, Attempt, Session, with_session};
use crate::store::write_private;
use kubephase_core::finding::Finding;
use kubephase_core::format::{Format, JoinForm, Names};
use kubephase_core::join::line::{JOIN_COMMAND, TOKEN};
use kubephase_core::join::{JoinCommand, JoinFormError, JoinVerdict, Trust};
use kubephase_core::name::shortened_to;
use kubephase_core::operation::OperationId;
use kubephase_core::outcome::Outcome;
use kubephase_core::output::Output;
use kubephase_core::plan::{Content, Verified};
use kubephase_core::report::{Mode, Report};
use kubephase_core::saved::{Saved, UndoDocument};
use kubephase_core::secret::Secrets;
use std::collections::BTreeSet;
use std::time::Duration;
use zeroize::Zeroizing;

/// How many warnings are printed, and how long one may be.
const MOST_WARNINGS: usize = 20;
const WARNING_CHARACTERS: usize = 300;

/// Runs a task.
///
/// # Errors
/// [`Error`] for every failure before the first write. Later failures are in the printed report and in the outcome.
pub(super) fn run(run: Run, person: Person<'_>, printer: &Printer<'_>) -> Result<Outcome, Error> {
    if matches!(run.stage, Stage::Execute(_)) && run.against == Against::Empty {
        let rule = "nothing can be written there; use `plan`, `--dry-run=client` or `dir:PATH`";
        return Err(ConfigError::Flag { flag: "--against", value: "empty".to_owned(), rule }.into());
    }
    let stage = run.stage;
    with_session(run, person, printer, |session| match stage {
        Stage::Plan(differences, view) => {
            let attempt = session.plan(&[])?;
            let content = attempt.plan.content();
            let report = execute::foresee(&content.operations, Mode::Client);
            print_warnings(content, printer)?;
            match view {
                PlanView::Report if session.run.format == Format::Text => {
                    let changes = changed(&attempt.plan.changes(&attempt.known.snapshot));
                    outline::operations(&report, &changes, printer)?;
                }
                PlanView::Report => drop(print_after(&report, content, (session.run, session.secrets), printer)?),
                PlanView::Markdown => view::markdown(&attempt, session, printer)?,
                PlanView::Diff => view::diff(&attempt, session, printer)?,
                PlanView::Manifests => view::manifests(&attempt, session, printer)?,
            }
            if let Some(path) = &session.run.out {
                let document = session.document(&attempt.known, Some(&attempt.plan))?;
                write_private(path, &document.text()).map_err(|source| Error::Save { path: path.clone(), source })?;
            }
            let is_no = differences == Differences::Fail && report.changes() > 0;
            Ok(if is_no { Outcome::No } else { Outcome::Done })
        }
        Stage::Foresee => {
            let Attempt { plan, .. } = session.plan(&[])?;
            print_foreseen(plan.content(), Mode::Client, (session.run, session.secrets), printer)
        }
        Stage::Verify => {
            let Attempt { plan, .. } = session.verified(&[], Precheck::Server)?;
            // In a folder no server is asked.
            let mode = if session.run.against == Against::Live { Mode::Server } else { Mode::Client };
            print_foreseen(plan.content(), mode, (session.run, session.secrets), printer)
        }
        Stage::Execute(precheck) => apply(session, precheck, printer),
    })
}

/// What a run that looks like a real one is instead: said before its report and after it, which may be long.
fn unreal(run: &Run) -> Option<String> {
    let what = match (&run.recording, run.stage) {
        (_, Stage::Plan(..)) => return None,
        (RecordingUse::Replay(path, _), _) => {
            format!("replay of `{}`: no cluster is contacted, nothing is written", path.display())
        }
        (_, Stage::Verify) if run.against == Against::Live => "dry run by the server: nothing is stored".to_owned(),
        (_, Stage::Foresee | Stage::Verify) => "dry run: nothing is written".to_owned(),
        (_, Stage::Execute(_)) => match &run.against {
            Against::Folder(folder) => format!("the folder `{}`: no cluster is changed", folder.display()),
            Against::Live | Against::Empty => return None,
        },
    };
    Some(what)
}

/// Applies a plan, reports what was done, and says how to undo it.
///
/// # Errors
/// [`Error`] if nothing was written. After a write, whatever fails is part of the outcome: exit code 2 promises that nothing was
/// written.
pub(super) fn apply(session: &mut Session<'_>, precheck: Precheck, printer: &Printer<'_>) -> Result<Outcome, Error> {
    let attempt = session.verified(&[], precheck)?;
    let form = form(session, &attempt, printer)?;
    let mut undo_log = UndoLog::prepare(session, &attempt, printer)?;
    print_before(attempt.plan.content(), (session.run, session.secrets), printer)?;
    session.interrupt.listen()?;
    let (report, saved) = execute_and_repeat(session, &attempt, precheck, &mut undo_log, printer);
    // Each is tried, whatever became of the one before.
    let told = tell(session, &attempt, (&report, form), printer);
    let undoable = undo_log.map_or(Ok(()), |undo_log| undo_log.finish(session.run, &report, printer));
    let outcome = match saved.and(undoable).and(told) {
        Err(error) if report.changes() > 0 => return Ok(untold(&error, &report, printer)),
        other => other?,
    };
    if let (Outcome::Done, RecordingUse::None | RecordingUse::Record(_), Some((_, Saved::Undo(undone)))) =
        (outcome, &session.run.recording, &session.run.saved)
    {
        forget_values(session.run, undone);
    }
    match (outcome, session.run.wait) {
        (Outcome::Done, Some(wait)) => wait_for_join(session, attempt.plan.content(), wait, printer).or_else(|error| {
            // All writes are done, so this does not fail the run.
            error.lines().iter().try_for_each(|line| printer.message(line))?;
            Ok(Outcome::No)
        }),
        (outcome, _) => Ok(outcome),
    }
}

/// What a new node is given, made before anything is written: what cannot be said in that form leaves no token behind.
fn form(session: &Session<'_>, attempt: &Attempt<Verified>, printer: &Printer<'_>) -> Result<Option<Zeroizing<String>>, Error> {
    let RunAnswer::Form(form) = session.run.answer else { return Ok(None) };
    let joins = joins(attempt.plan.content(), session.secrets)?;
    let [join] = joins.as_slice() else { return Err(JoinFormError::Tokens(joins.len()).into()) };
    if let Some(handout) = handout(session.run, form) {
        handout.try_write(printer)?;
    }
    Ok(Some(join_form(form, join, &attempt.known.server)?))
}

/// Where it is handed out; `None` if it is printed.
fn handout(run: &Run, form: JoinForm) -> Option<Handout<'_>> {
    let place = run.answer_place.as_ref()?;
    Some(Handout { place, form, connection: &run.connection, most_bytes: run.phase.limits.read_bytes })
}

/// Reports what was done.
fn tell(
    session: &Session<'_>,
    attempt: &Attempt<Verified>,
    (report, form): (&Report, Option<Zeroizing<String>>),
    printer: &Printer<'_>,
) -> Result<Outcome, Error> {
    if session.interrupt.is_raised() && !report.is_complete() {
        printer.message("interrupted: writes in progress were finished, no others were started")?;
    }
    let outcome = print_after(report, attempt.plan.content(), (session.run, session.secrets), printer)?;
    if outcome == Outcome::Partial && session.run.saved.is_none() {
        printer.message("some changes were not made; run the same command again to continue")?;
    }
    if let (Some(text), RunAnswer::Form(form)) = (form.filter(|_| outcome == Outcome::Done), session.run.answer) {
        match handout(session.run, form) {
            Some(handout) => handout.write(&text, printer)?,
            None => printer.document(&text)?,
        }
    }
    Ok(outcome)
}

/// The join commands of a plan.
fn joins(content: &Content, secrets: &Secrets) -> Result<Vec<JoinCommand>, Error> {
    let commands = content.outputs.iter().filter(|output| output.name == JOIN_COMMAND);
    let lines = commands.filter_map(|output| resolved(output, secrets));
    Ok(lines.map(|line| parse_line(&line)).collect::<Result<Vec<_>, _>>().map_err(ConfigError::from)?)
}

/// What was written could not be reported in full, as on a full disk.
fn untold(error: &Error, report: &Report, printer: &Printer<'_>) -> Outcome {
    let made = if report.is_complete() { "all changes were made" } else { "some changes were made" };
    let lines = error.lines().into_iter().chain([format!("{made} before that; run `plan` to see the current state")]);
    for line in lines {
        // Standard error may be gone too.
        let _ = printer.message(&line);
    }
    Outcome::Partial
}

/// Waits until nodes can join with the created tokens. The answer is no if they cannot, or if that is unknown; the writes are
/// done anyway.
///
/// The phase supplies the join commands, but not the address of the API server or the pinned keys: no server is contacted that
/// only the phase names, and the token is sent only to servers that the kubeconfig's own certificate authority vouches for.
fn wait_for_join(session: &Session<'_>, content: &Content, wait: Duration, printer: &Printer<'_>) -> Result<Outcome, Error> {
    let pins = &session.cluster.server().certificate_authority_pins;
    let trust = || if pins.is_empty() { Trust::Unknown } else { Trust::Kubeconfig(pins.clone()) };
    let trusting = |join| JoinCommand { trust: trust(), ..join };
    let joins: Vec<JoinCommand> = joins(content, session.secrets)?.into_iter().map(trusting).collect();
    if joins.is_empty() {
        printer.message("nothing to wait for: no token here has both usages, `signing` and `authentication`")?;
        return Ok(Outcome::No);
    }
    Ok(match check::wait(&joins, wait, (session.run, session.policy), session.interrupt, printer)? {
        JoinVerdict::Joins => Outcome::Done,
        JoinVerdict::Unknown | JoinVerdict::DoesNot => Outcome::No,
    })
}

/// Applies a plan, and rebuilds it for the remaining objects while other clients keep changing them. Returns the report, and
/// whether the undo plan is saved with it.
fn execute_and_repeat(
    session: &mut Session<'_>,
    attempt: &Attempt<Verified>,
    precheck: Precheck,
    undo_log: &mut Option<UndoLog>,
    printer: &Printer<'_>,
) -> (Report, Result<(), Error>) {
    // A saved plan is applied as is; an undo plan is rebuilt, because the token signer updates cluster-info when a token is
    // deleted.
    let attempts = if matches!(session.run.saved, Some((_, Saved::Plan(_)))) { 1 } else { ATTEMPTS };
    let mut executed = execute::execute(&attempt.plan, session.cluster, session.interrupt);
    let mut saved = Ok(());
    for number in 1..=attempts {
        if let Some(undo_log) = undo_log {
            saved = saved.and(undo_log.wrote(session, &executed, printer));
        }
        if !executed.report.is_stale() || number == attempts || session.interrupt.is_raised() || saved.is_err() {
            break;
        }
        // The report of the first attempt already says what failed.
        let Ok(next) = session.verified(&attempt.known.random, precheck) else { break };
        let extended = match undo_log {
            Some(undo_log) => undo_log.extend(session, &next, printer),
            None => UndoLog::prepare(session, &next, printer).map(|next| *undo_log = next),
        };
        if extended.is_err() {
            saved = extended;
            break;
        }
        let again = execute::execute(&next.plan, session.cluster, session.interrupt);
        executed = Executed { report: again.report.after(&executed.report), ..again };
    }
    (executed.report, saved)
}

/// Removes values of Secrets that have been restored.
fn forget_values(run: &Run, undone: &UndoDocument) {
    if let Some(folder) = &run.undo.folder {
        // A leftover file is harmless: it is removed with the next ones.
        let _ = std::fs::remove_file(values_file(folder, undone));
    }
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

/// The output lines that may be printed.
fn outputs(content: &Content, run: &Run) -> Vec<Output> {
    let may_print =
        |output: &&Output| run.answer != RunAnswer::Results && (run.token_print == TokenPrint::Show || !output.has_secret());
    content.outputs.iter().filter(may_print).cloned().collect()
}

/// The findings of the phase, limited in number and length: what the operations fix, and what they do not, as a warning.
pub(super) fn print_warnings(content: &Content, printer: &Printer<'_>) -> Result<(), Error> {
    let operations: BTreeSet<&OperationId> = content.operations.iter().map(|operation| &operation.id).collect();
    let (shown, more) = content.findings.split_at(content.findings.len().min(MOST_WARNINGS));
    for Finding { title, remedy, .. } in shown {
        let what = if remedy.iter().any(|id| operations.contains(id)) { "fixes" } else { "warning" };
        printer.message(&format!("{what}: {}", shortened_to(title, WARNING_CHARACTERS)))?;
    }
    if !more.is_empty() {
        printer.message(&format!("warning: and {} more; -o json has all", more.len()))?;
    }
    Ok(())
}

fn print_before(content: &Content, (run, secrets): (&Run, &Secrets), printer: &Printer<'_>) -> Result<(), Error> {
    unreal(run).map_or(Ok(()), |what| printer.message(&what))?;
    print_warnings(content, printer)?;
    match (run.format, run.answer) {
        (Format::Text, RunAnswer::Report | RunAnswer::Results) => {
            let lines = PhaseLines { findings: &content.findings, notes: &content.notes, outputs: &outputs(content, run) };
            text::before(lines, secrets, printer)?;
        }
        // Only the line itself goes to standard output.
        (Format::Text, RunAnswer::Lines(_) | RunAnswer::Form(_)) => {
            content.notes.iter().try_for_each(|note| printer.message(note))?
        }
        _ => {}
    }
    Ok(())
}

fn print_after(
    report: &Report,
    content: &Content,
    (run, secrets): (&Run, &Secrets),
    printer: &Printer<'_>,
) -> Result<Outcome, Error> {
    let lines = PhaseLines { findings: &content.findings, notes: &content.notes, outputs: &outputs(content, run) };
    match run.format {
        Format::Text => {
            if let Some(name) = missing_line(content, run) {
                // A script that reads this line gets nothing instead of something else.
                printer.message(&format!("error: the phase did not return the line `{name}`; see the result with -o json"))?;
                return Ok(Outcome::Partial);
            }
            let only = match run.answer {
                RunAnswer::Lines(name) if lines.outputs.iter().any(|output| output.name == name) => Some(name),
                // It is no line of the phase.
                RunAnswer::Form(_) => Some(""),
                RunAnswer::Lines(_) | RunAnswer::Report | RunAnswer::Results => None,
            };
            text::after(report, lines, only, secrets, printer)?;
        }
        Format::Document(syntax) => document(report, lines, secrets, syntax, printer)?,
        Format::Own(Names) => names(report, printer)?,
    }
    unreal(run).map_or(Ok(()), |what| printer.message(&what))?;
    Ok(outcome(report))
}

/// The name of the line that scripts read from this command, if the phase does not supply it.
fn missing_line(content: &Content, run: &Run) -> Option<&'static str> {
    match run.answer {
        RunAnswer::Lines(name @ (JOIN_COMMAND | TOKEN)) if content.outputs.iter().all(|output| output.name != name) => Some(name),
        RunAnswer::Lines(_) | RunAnswer::Form(_) | RunAnswer::Report | RunAnswer::Results => None,
    }
}

/// The output of a dry run: what `apply` prints before its first write, and what it would have printed after the last.
fn print_foreseen(
    content: &Content,
    mode: Mode,
    (run, secrets): (&Run, &Secrets),
    printer: &Printer<'_>,
) -> Result<Outcome, Error> {
    print_before(content, (run, secrets), printer)?;
    print_after(&execute::foresee(&content.operations, mode), content, (run, secrets), printer)
}

#[cfg(test)]
mod tests {
    use super::{MOST_WARNINGS, WARNING_CHARACTERS, print_warnings};
    use crate::render::terminal::Printer;
    use kubephase_core::finding::{Finding, Severity};
    use kubephase_core::plan::Content;

    fn told(count: usize) -> Vec<String> {
        let finding = |number: usize| Finding {
            rule: "r".to_owned(),
            severity: Severity::Low,
            title: format!("{number} {}", "x".repeat(3 * WARNING_CHARACTERS)),
            detail: String::new(),
            target: None,
            fixable: None,
            remedy: Vec::new(),
            references: Vec::new(),
        };
        let findings = (0..count).map(finding).collect();
        let content = Content { operations: Vec::new(), findings, notes: Vec::new(), outputs: Vec::new() };
        let (mut stdout, mut stderr) = (Vec::new(), Vec::new());
        print_warnings(&content, &Printer::new(&mut stdout, &mut stderr, 0)).unwrap();
        assert!(stdout.is_empty());
        String::from_utf8(stderr).unwrap().lines().map(str::to_owned).collect()
    }

    #[test]
    fn warnings_are_limited_and_the_rest_is_counted() {
        assert_eq!(told(0), Vec::<String>::new());
        for (count, lines, last) in [
            (1, 1, None),
            (MOST_WARNINGS, MOST_WARNINGS, None),
            (MOST_WARNINGS + 1, MOST_WARNINGS + 1, Some("warning: and 1 more; -o json has all")),
            (MOST_WARNINGS + 7, MOST_WARNINGS + 1, Some("warning: and 7 more; -o json has all")),
        ] {
            let told = told(count);
            assert_eq!(told.len(), lines, "{count}");
            assert!(last.is_none_or(|last| told.last().is_some_and(|line| line == last)), "{count}: {told:?}");
            assert!(told.iter().all(|line| line.len() < 2 * WARNING_CHARACTERS), "{count}: {told:?}");
        }
    }
}
