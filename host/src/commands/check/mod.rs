//! `check`: would a node join with this, and if not, why? It is looked at with the eyes of a joining node, which has no kubeconfig;
//! and with those of an administrator, if there is one, to name the cause.

mod administrator;
mod asked;
mod certificate;
mod first;
mod login;
mod node;
mod party;
mod reach;
mod seen;
mod steps;

use crate::cli::check_flags::CheckFormatArg;
use crate::cluster::live::Target;
use crate::config::Run;
use crate::config::check::{CertificateRequest, Check, Options};
use crate::errors::Error;
use crate::interrupt::Interrupt;
use crate::render::check::{Examined, aside, document, text};
use crate::render::document::Syntax;
use crate::render::progress::PlainLines;
use crate::render::terminal::Printer;
use administrator::Kubeconfig;
use kubephase_core::connection::{Connection, KubeconfigSource};
use kubephase_core::join::{Diagnosis, Evidence, JoinCommand, KubeconfigUse, Verdict, View, diagnose};
use kubephase_core::outcome::Outcome;
use kubephase_core::policy::Policy;
use party::Setting;
use reach::Reach;
use std::time::Duration;

/// Checks what the arguments say.
///
/// # Errors
/// [`Error`] if there is nothing that could be checked, or the kubeconfig that was asked for cannot be read.
pub fn run(check: Check, printer: &Printer<'_>) -> Result<Outcome, Error> {
    let (plain, interrupt) = (PlainLines::new(printer), Interrupt::default());
    let (connection, reach) = (&check.connection, Reach::Anywhere);
    let setting = Setting { connection, interrupt: &interrupt, progress: &plain, log: printer, reach };
    let join = asked::join(check.asked, setting)?;
    self::check(&[join], check.options, &check.connection, &interrupt, printer)
}

/// Checks whether nodes would join with these commands, one after the other, and tells it. Nothing is written but, if a certificate is
/// asked for, the request for it, which is deleted again; from then on `interrupt` listens.
///
/// The outcome is `Done` if all would, `No` if one would not, and `Failed` if that could not be told.
///
/// # Errors
/// [`Error`] if the kubeconfig that the connection names cannot be read, and if it cannot be told.
pub fn check(
    joins: &[JoinCommand],
    options: Options,
    connection: &Connection,
    interrupt: &Interrupt,
    printer: &Printer<'_>,
) -> Result<Outcome, Error> {
    let tell = |examined: &[Examined<'_>]| match options.format {
        CheckFormatArg::Text => text(examined, printer),
        CheckFormatArg::Json => document(examined, Syntax::Json, printer),
        CheckFormatArg::Yaml => document(examined, Syntax::Yaml, printer),
    };
    let plain = PlainLines::new(printer);
    let setting = Setting { connection, interrupt, progress: &plain, log: printer, reach: Reach::Anywhere };
    Ok(match examine_all(joins, options, setting, tell)? {
        Verdict::Joins => Outcome::Done,
        Verdict::DoesNot => Outcome::No,
        Verdict::Unknown => Outcome::Failed,
    })
}

/// Waits until nodes can join with these commands, and tells on standard error whether they can: standard output is that of the command
/// that made the tokens. The phase of the run made the commands: no server is asked that it alone names.
///
/// # Errors
/// As [`check`].
pub(super) fn wait(
    joins: &[JoinCommand],
    wait: Duration,
    (run, policy): (&Run, Policy<'_>),
    interrupt: &Interrupt,
    printer: &Printer<'_>,
) -> Result<Verdict, Error> {
    let options = Options { wait: Some(wait), request: CertificateRequest::None, format: CheckFormatArg::Text };
    let (plain, connection) = (PlainLines::new(printer), &run.connection);
    let setting = Setting { connection, interrupt, progress: &plain, log: printer, reach: Reach::Only(&[]) };
    let known = reach::known(run, policy, setting);
    examine_all(joins, options, Setting { reach: Reach::Only(&known), ..setting }, |examined| aside(examined, printer))
}

/// Takes all steps for all commands, tells of them, and returns the worst verdict.
fn examine_all(
    joins: &[JoinCommand],
    options: Options,
    setting: Setting<'_>,
    tell: impl Fn(&[Examined<'_>]) -> std::io::Result<()>,
) -> Result<Verdict, Error> {
    let examinations = joins.iter().map(|join| examine(join, options, setting)).collect::<Result<Vec<_>, _>>()?;
    let examined: Vec<Examined<'_>> = examinations.iter().zip(joins).map(|(found, join)| found.examined(join)).collect();
    tell(&examined)?;
    let verdicts = examinations.iter().map(|examination| examination.diagnosis.verdict);
    Ok(verdicts.max().unwrap_or(Verdict::Joins))
}

/// What was found of one command.
struct Examination {
    evidence: Evidence,
    diagnosis: Diagnosis,
    kubeconfig: KubeconfigUse,
}

impl Examination {
    const fn examined<'a>(&'a self, join: &'a JoinCommand) -> Examined<'a> {
        Examined { join, evidence: &self.evidence, diagnosis: &self.diagnosis, kubeconfig: &self.kubeconfig }
    }
}

/// Takes all steps, and looks for the cause if one fails.
fn examine(join: &JoinCommand, options: Options, setting: Setting<'_>) -> Result<Examination, Error> {
    let mut found = node::discovered(join, options.wait, setting);
    let mut steps = std::mem::take(&mut found.steps);
    let trusted = node::trusted(join, &found, &mut steps, setting);
    let kubeconfig = administrator::opened(join, found.info.as_ref(), setting)?;
    let administrator = match &kubeconfig {
        Kubeconfig::Used(administrator) => Some(&**administrator),
        Kubeconfig::Absent | Kubeconfig::NotUsed(_) => None,
    };
    let (login, elsewhere) = login::settled(join, (&found, trusted.may_send), (administrator, options.wait), &mut steps, setting);
    let groups = login.as_ref().map(|login| login.groups.clone()).unwrap_or_default();
    login::rights(join, login.as_ref(), administrator, &mut steps);
    if let CertificateRequest::Made(wait) = options.request {
        certificate::asked_for(login.as_ref(), administrator, wait, &mut steps, setting)?;
    }
    let evidence = Evidence {
        steps: steps.taken,
        groups,
        leads_elsewhere: found.leads_elsewhere(join),
        pins: found.pins(),
        vouches: trusted.vouches,
        distrust: trusted.distrust.or(elsewhere),
        obstacle: found.met.obstacle,
        anonymous: found.met.anonymous,
    };
    let is_well = evidence.steps.iter().all(|taken| taken.result == kubephase_core::join::Result::Ok);
    let view = match administrator {
        Some(administrator) if !is_well => seen::view(join, administrator),
        _ => View::default(),
    };
    let diagnosis = diagnose(join, &evidence, &view);
    Ok(Examination { evidence, diagnosis, kubeconfig: kubeconfig.used() })
}

/// The kubeconfig in use; none if there is none.
///
/// # Errors
/// The error of reading it.
fn target(connection: &Connection) -> Result<Option<Target>, crate::cluster::ClusterError> {
    Target::resolve(connection).map(|target| target.is_configured().then_some(target))
}

/// Whether the user named the kubeconfig, so that it is an error if it cannot be read.
const fn is_named(connection: &Connection) -> bool {
    matches!(connection.kubeconfig, KubeconfigSource::File(_))
}
