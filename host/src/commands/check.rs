//! `check`: can a node join with this command or token, and if not, why?

use crate::check::{Reach, Setting, examine_all, join, known};
use crate::config::Run;
use crate::config::check::{CertificateRequest, Check, Options};
use crate::errors::Error;
use crate::interrupt::Interrupt;
use crate::render::check::{Examined, aside};
use crate::render::document::show;
use crate::render::progress::PlainLines;
use crate::render::terminal::Printer;
use kubephase_core::format::Format;
use kubephase_core::join::{JoinCommand, JoinVerdict};
use kubephase_core::outcome::Outcome;
use kubephase_core::policy::Policy;
use std::time::Duration;

/// Checks the given command, token or id. The outcome is `Done` if a node would join, `No` if not, and `Failed` if that is
/// unknown.
///
/// # Errors
/// [`Error`] if there is nothing to check, the requested kubeconfig cannot be read, or the output cannot be written.
pub(super) fn run(check: Check, printer: &Printer<'_>) -> Result<Outcome, Error> {
    let (plain, interrupt) = (PlainLines::new(printer), Interrupt::default());
    let (connection, options) = (&check.connection, check.options);
    let (log, cure_flags) = (printer, &check.cure_flags);
    let setting = Setting { connection, interrupt: &interrupt, progress: &plain, log, reach: Reach::Anywhere, cure_flags };
    if !check.unchecked.is_empty() {
        printer.message(&format!("not checked: {}", check.unchecked.join(", ")))?;
    }
    let joins = [join(check.asked, setting)?];
    let tell = |examined: &[Examined<'_>]| examined.iter().try_for_each(|one| show(one, options.format, printer));
    Ok(match examine_all(&joins, options, setting, tell)? {
        JoinVerdict::Joins => Outcome::Done,
        JoinVerdict::DoesNot => Outcome::No,
        JoinVerdict::Unknown => Outcome::Failed,
    })
}

/// Waits until nodes can join with these commands, and reports the result on standard error: standard output belongs to the
/// command that created the tokens. The phase of the run made the commands, so a server that only the phase names is not
/// contacted.
///
/// # Errors
/// Like [`run`].
pub(super) fn wait(
    joins: &[JoinCommand],
    wait: Duration,
    (run, policy): (&Run, Policy<'_>),
    interrupt: &Interrupt,
    printer: &Printer<'_>,
) -> Result<JoinVerdict, Error> {
    let options = Options { wait: Some(wait), request: CertificateRequest::None, format: Format::Text };
    let (plain, connection) = (PlainLines::new(printer), &run.connection);
    let (log, cure_flags) = (printer, &run.cure_flags);
    let setting = Setting { connection, interrupt, progress: &plain, log, reach: Reach::Only(&[]), cure_flags };
    let known = known(run, policy, setting);
    examine_all(joins, options, Setting { reach: Reach::Only(&known), ..setting }, |examined| aside(examined, printer))
}
