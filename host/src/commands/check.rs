//! `check`: can a node join with this command or token, and if not, why?

use super::several;
use crate::check::{Reach, Setting, diagnosed, examine_all, join, known, known_to_cluster, of_machine};
use crate::config::Run;
use crate::config::check::{Asked, CertificateRequest, Check, CheckSubject, ClustersCheck, Options};
use crate::config::question::clock;
use crate::errors::Error;
use crate::interrupt::Interrupt;
use crate::render::check::{Examined, aside};
use crate::render::check_list::{CheckedCluster, CheckedClusters};
use crate::render::document::show;
use crate::render::progress::PlainLines;
use crate::render::terminal::Printer;
use crate::session::Session;
use crate::session::inventory::visits;
use kubephase_core::connection::Connection;
use kubephase_core::format::Format;
use kubephase_core::join::{CureFlags, Diagnosis, Endpoint, JoinCommand, JoinVerdict};
use kubephase_core::outcome::Outcome;
use kubephase_core::policy::Policy;
use std::collections::BTreeMap;
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
    let machine;
    let (joins, unchecked, setting) = match check.asked {
        Asked::Here(subject) => ([join(subject, setting)?], check.unchecked, setting),
        Asked::Machine(name) => {
            machine = of_machine(&name, setting)?;
            printer.message(&machine.told)?;
            let (join, unchecked) = machine.parsed.clone();
            // It joins a cluster of its own.
            ([join], unchecked, Setting { connection: &machine.connection, cure_flags: &machine.cure_flags, ..setting })
        }
    };
    if !unchecked.is_empty() {
        printer.message(&format!("not checked: {}", unchecked.join(", ")))?;
    }
    let tell = |examined: &[Examined<'_>]| examined.iter().try_for_each(|one| show(one, options.format, printer));
    Ok(match examine_all(&joins, options, setting, tell)? {
        JoinVerdict::Joins => Outcome::Done,
        JoinVerdict::DoesNot => Outcome::No,
        JoinVerdict::Unknown => Outcome::Failed,
    })
}

/// How many tokens of a cluster are tried: a fleet has many clusters, and each token takes some requests.
const MOST_TOKENS: usize = 20;

/// Whether nodes can join with the tokens of a cluster that are meant for it, by the ids of these.
///
/// # Errors
/// [`Error`] if the kubeconfig cannot be read, or the tokens cannot be listed.
pub(super) fn of_session(
    session: &Session<'_>,
    wait: Option<Duration>,
    printer: &Printer<'_>,
) -> Result<BTreeMap<String, Diagnosis>, Error> {
    let Session { run, policy, interrupt, .. } = session;
    let plain = PlainLines::new(printer);
    let (connection, log, cure_flags) = (&run.connection, printer, &run.cure_flags);
    let setting = Setting { connection, interrupt, progress: &plain, log, reach: Reach::Only(&[]), cure_flags };
    of_tokens(setting, &|| known(run, *policy, setting), (run.phase.limits.read_bytes, wait), printer)
}

/// `known` says which servers may be contacted as a node.
fn of_tokens(
    setting: Setting<'_>,
    known: &dyn Fn() -> Vec<Endpoint>,
    (most_bytes, wait): (u64, Option<Duration>),
    printer: &Printer<'_>,
) -> Result<BTreeMap<String, Diagnosis>, Error> {
    let options = Options { wait, request: CertificateRequest::None, format: Format::Text };
    // First, so that a cluster that does not answer is waited for once.
    let ids = super::list::for_joining(setting.connection, most_bytes, clock(), printer)?;
    if ids.len() > MOST_TOKENS {
        printer.message(&format!("{} tokens, of which {MOST_TOKENS} are checked", ids.len()))?;
    }
    let known = if ids.is_empty() { Vec::new() } else { known() };
    let setting = Setting { reach: Reach::Only(&known), ..setting };
    let diagnosis = |id: String| {
        let join = join(CheckSubject::Id(id.clone(), None), setting)?;
        Ok((id, diagnosed(&join, options, setting)?))
    };
    ids.into_iter().take(MOST_TOKENS).map(diagnosis).collect()
}

/// Checks the tokens of several clusters.
///
/// # Errors
/// [`Error`] if the clusters cannot be listed, or the output cannot be written. A cluster that cannot be read is in the output.
pub(super) fn of_clusters(order: &ClustersCheck, printer: &Printer<'_>) -> Result<Outcome, Error> {
    let visits = visits(&order.fleet, &order.connection, order.most_bytes, printer)?;
    let mut clusters: Vec<CheckedCluster> = visits
        .iter()
        .map(|visit| CheckedCluster { name: visit.name.clone(), tokens: BTreeMap::new(), problems: Vec::new() })
        .collect();
    let visit = |_, connection: &Connection, printer: &Printer<'_>| {
        let (plain, interrupt, cure_flags) = (PlainLines::new(printer), Interrupt::default(), CureFlags::default());
        let (log, cure_flags) = (printer, &cure_flags);
        let reach = Reach::Only(&[]);
        let setting = Setting { connection, interrupt: &interrupt, progress: &plain, log, reach, cure_flags };
        of_tokens(setting, &|| known_to_cluster(setting), (order.most_bytes, order.wait), printer)
    };
    several::each(&visits, printer, visit, |number, visited| {
        if let Some(cluster) = clusters.get_mut(number) {
            match visited {
                Ok(tokens) => cluster.tokens = tokens,
                Err(lines) => cluster.problems = lines,
            }
        }
        Ok(())
    })?;
    show(&CheckedClusters(&clusters), order.format, printer)?;
    Ok(match clusters.iter().map(CheckedCluster::verdict).max() {
        None | Some(JoinVerdict::Joins) => Outcome::Done,
        Some(JoinVerdict::DoesNot) => Outcome::No,
        Some(JoinVerdict::Unknown) => Outcome::Failed,
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
