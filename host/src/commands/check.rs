//! `check`: would a node join with this, and if not, why?

use crate::check::{Reach, Setting, examine_all, join, known};
use crate::config::Run;
use crate::config::check::{CertificateRequest, Check, Options};
use crate::errors::Error;
use crate::interrupt::Interrupt;
use crate::render::check::{Checked, Examined, aside};
use crate::render::document::show;
use crate::render::progress::PlainLines;
use crate::render::terminal::Printer;
use kubephase_core::format::Format;
use kubephase_core::join::{JoinCommand, JoinVerdict};
use kubephase_core::outcome::Outcome;
use kubephase_core::policy::Policy;
use std::time::Duration;

/// Checks what the arguments say. The outcome is `Done` if a node would join, `No` if it would not, and `Failed` if that could not be told.
///
/// # Errors
/// [`Error`] if there is nothing that could be checked, the kubeconfig that was asked for cannot be read, or the answer cannot be told.
pub(super) fn run(check: Check, printer: &Printer<'_>) -> Result<Outcome, Error> {
    let (plain, interrupt) = (PlainLines::new(printer), Interrupt::default());
    let (connection, options) = (&check.connection, check.options);
    let setting = Setting { connection, interrupt: &interrupt, progress: &plain, log: printer, reach: Reach::Anywhere };
    let joins = [join(check.asked, setting)?];
    let tell = |examined: &[Examined<'_>]| show(&Checked(examined), options.format, printer);
    Ok(match examine_all(&joins, options, setting, tell)? {
        JoinVerdict::Joins => Outcome::Done,
        JoinVerdict::DoesNot => Outcome::No,
        JoinVerdict::Unknown => Outcome::Failed,
    })
}

/// Waits until nodes can join with these commands, and tells on standard error whether they can: standard output is that of the command
/// that made the tokens. The phase of the run made the commands: no server is asked that it alone names.
///
/// # Errors
/// As [`run`].
pub(super) fn wait(
    joins: &[JoinCommand],
    wait: Duration,
    (run, policy): (&Run, Policy<'_>),
    interrupt: &Interrupt,
    printer: &Printer<'_>,
) -> Result<JoinVerdict, Error> {
    let options = Options { wait: Some(wait), request: CertificateRequest::None, format: Format::Text };
    let (plain, connection) = (PlainLines::new(printer), &run.connection);
    let setting = Setting { connection, interrupt, progress: &plain, log: printer, reach: Reach::Only(&[]) };
    let known = known(run, policy, setting);
    examine_all(joins, options, Setting { reach: Reach::Only(&known), ..setting }, |examined| aside(examined, printer))
}
