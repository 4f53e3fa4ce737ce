//! `apply` and `plan`: a task of a phase, as far as the user wants it to go.

use super::load::{load, said};
use crate::cli::args::FormatArg;
use crate::cluster::files::{Files, Folder};
use crate::cluster::live::{Live, Target};
use crate::cluster::logged::Logged;
use crate::cluster::{Cluster, ClusterError, error::distinct};
use crate::component::Phase;
use crate::config::{Against, ConfigError, Differences, Run, Stage, TokenPrint};
use crate::consent::{self, Person};
use crate::errors::Error;
use crate::observe::Inquiry;
use crate::render::document::{Syntax, document, names};
use crate::render::terminal::Printer;
use crate::render::{Talk, text};
use crate::verify::{Unverified, verify};
use crate::{entropy, execute};
use kubephase_core::limits::addressable;
use kubephase_core::name::shortened_to;
use kubephase_core::outcome::Outcome;
use kubephase_core::output::Output;
use kubephase_core::plan::{Content, Permitted, Plan, Verified};
use kubephase_core::policy::Policy;
use kubephase_core::question::RandomValue;
use kubephase_core::report::{Mode, Report};

/// How often a plan is made anew because somebody changed its objects. Of several of us at least one gets through each time.
const ATTEMPTS: usize = 10;

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
    let loaded = load(&run.phase, printer)?;
    let task = loaded.description.task(&run.question.task)?;
    let granted = consent::granted(loaded.applicant(&run.phase), task, said(&run.phase), person, printer)?;
    let policy = Policy { declared: &task.permissions, granted: &granted };
    let cluster = Logged::new(open(&run)?, printer);
    let stage = run.stage;
    let mut session = Session { phase: &loaded.phase, policy, cluster: &cluster, run: &mut run };
    match stage {
        Stage::Plan(differences) => {
            let (plan, _) = session.plan(&[])?;
            let report = execute::foresee(&plan.content().operations, Mode::Client);
            print_warnings(plan.content(), printer)?;
            print_plan(&report, plan.content(), session.run, printer)?;
            let is_no = differences == Differences::Fail && report.changes() > 0;
            Ok(if is_no { Outcome::No } else { Outcome::Done })
        }
        Stage::Foresee => {
            let (plan, _) = session.plan(&[])?;
            print_foreseen(plan.content(), Mode::Client, session.run, printer)
        }
        Stage::Verify => {
            let (plan, _) = session.verified(&[])?;
            print_foreseen(plan.content(), Mode::Server, session.run, printer)
        }
        Stage::Execute => session.execute(printer),
    }
}

/// Where objects are read and written.
fn open(run: &Run) -> Result<Box<dyn Cluster>, Error> {
    let unusable = |error: ClusterError| Error::Cluster(vec![error]);
    let target = Target::resolve(&run.connection).map_err(unusable)?;
    Ok(match &run.against {
        Against::Live => Box::new(Live::prepare(target, run.connection.request_timeout).map_err(unusable)?),
        Against::Folder(path) => Box::new(Files::new(Folder::open(path).map_err(unusable)?, target.server())),
        Against::Empty => Box::new(Files::new(Folder::empty(), target.server())),
    })
}

/// What every attempt at a plan needs.
struct Session<'a> {
    phase: &'a Phase<'a>,
    policy: Policy<'a>,
    cluster: &'a dyn Cluster,
    run: &'a mut Run,
}

/// A plan and the random strings in it.
type Attempt<S> = (Plan<S>, Vec<RandomValue>);

impl Session<'_> {
    /// A plan that may be carried out. `drawn` are the random strings of an earlier attempt.
    fn plan(&mut self, drawn: &[RandomValue]) -> Result<Attempt<Permitted>, Error> {
        let Self { phase, policy, cluster, run } = self;
        let question = &run.question;
        let (policy, rounds) = (*policy, run.phase.limits.rounds);
        let inquiry = Inquiry { phase, question, policy, cluster: *cluster, drawn, entropy: entropy::system, rounds };
        let known = inquiry.find_out(&mut run.secrets)?;
        let content = phase.plan(&known.facts(question), policy, &mut run.secrets)?;
        let plan = Plan::propose(content, addressable(run.phase.limits.operations))?;
        let plan = policy
            .permit_plan(plan, &known.snapshot, &run.secrets)
            .map_err(|denials| Error::denied(denials, policy, &question.task))?;
        Ok((plan, known.random))
    }

    /// A plan that was tried as a whole; made anew if somebody changed an object after it was read.
    fn verified(&mut self, drawn: &[RandomValue]) -> Result<Attempt<Verified>, Error> {
        let mut last = Vec::new();
        for _ in 0..ATTEMPTS {
            let (plan, random) = self.plan(drawn)?;
            match verify(plan, self.cluster) {
                Ok(plan) => return Ok((plan, random)),
                Err(Unverified::Refused(errors)) => return Err(Error::Cluster(distinct(errors))),
                Err(Unverified::Stale(errors)) => last = errors,
            }
        }
        Err(Error::Contended { attempts: ATTEMPTS, last })
    }

    /// Carries out a plan, and makes a new one for what is left as long as other writers come in between.
    fn execute(&mut self, printer: &Printer<'_>) -> Result<Outcome, Error> {
        let (plan, drawn) = self.verified(&[])?;
        print_before(plan.content(), self.run, printer)?;
        let mut report = execute::execute(&plan, self.cluster);
        for _ in 1..ATTEMPTS {
            if !report.is_stale() {
                break;
            }
            // What went wrong now is told by the report of what was done before.
            let Ok((next, _)) = self.verified(&drawn) else { break };
            report = execute::execute(&next, self.cluster).after(&report);
        }
        print_after(&report, plan.content(), self.run, printer)
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

/// The lines that may be printed.
fn outputs(content: &Content, run: &Run) -> Vec<Output> {
    let may_print = |output: &&Output| run.token_print == TokenPrint::Show || !output.has_secret();
    content.outputs.iter().filter(may_print).cloned().collect()
}

fn print_warnings(content: &Content, printer: &Printer<'_>) -> Result<(), Error> {
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
