//! Audits several clusters concurrently, by one compiled phase: each call has an instance of its own, and bounds of its own.

use super::{Observed, heard};
use crate::cluster::live::{Concurrency, Turns};
use crate::config::audit::{AuditOrder, AuditTask};
use crate::consent::{self, Person, grant_of};
use crate::errors::Error;
use crate::phase::load::{Loaded, said};
use crate::render::terminal::Printer;
use crate::session::inventory::Visit;
use kubephase_core::audit::{AuditScope, Heard};
use std::num::NonZero;
use std::path::PathBuf;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc;

/// How many clusters are waited for at once: dead ones cost no more than one timeout together, up to so many.
const MOST_THREADS: usize = 64;
/// For each processor: how many clusters are read at once, and how many credential plugins run.
const READERS: usize = 4;
const PLUGINS: usize = 2;
/// The stack of a thread, bytes: what the phase needs of it is counted by the engine.
const STACK: usize = 2 << 20;

/// The result of one thread, and the messages it collected.
struct Said {
    result: Result<Observed, Vec<String>>,
    messages: String,
}

/// How much is done at once on this machine.
pub(super) fn concurrency() -> Concurrency {
    let processors = std::thread::available_parallelism().map_or(1, NonZero::get);
    Concurrency { readers: Turns::of(READERS * processors), plugins: Turns::of(PLUGINS * processors) }
}

/// Asks for consent now, once for all clusters: threads cannot ask.
///
/// # Errors
/// [`Error`] if consent is not given.
pub(super) fn agree(loaded: &Loaded, audit: &mut AuditOrder, person: Person<'_>, printer: &Printer<'_>) -> Result<(), Error> {
    let task = loaded.description.task(AuditTask::Audit.name())?;
    let applicant = loaded.applicant(&audit.phase);
    let granted = consent::granted(applicant, task, said(&audit.phase), person, printer)?;
    let grant = grant_of(applicant, task, granted);
    audit.phase.grants = vec![(PathBuf::from(audit.phase.source.to_string()), grant)];
    Ok(())
}

/// Hands over the results for these clusters, each as soon as it is there, with its place among them. A cluster that fails does not affect
/// the others.
///
/// # Errors
/// [`Error`] if the output cannot be written, or by `take`.
pub(super) fn each(
    loaded: &Loaded,
    audit: &AuditOrder,
    visits: &[Visit],
    printer: &Printer<'_>,
    mut take: impl FnMut(usize, Heard) -> Result<(), Error>,
) -> Result<(), Error> {
    let (next, (told, listening)) = (AtomicUsize::new(0), mpsc::sync_channel(1));
    let verbosity = printer.verbosity();
    std::thread::scope(|scope| {
        for _ in 0..visits.len().min(MOST_THREADS) {
            let (told, next) = (told.clone(), &next);
            let work = move || {
                loop {
                    let number = next.fetch_add(1, Ordering::Relaxed);
                    let Some(visit) = visits.get(number) else { break };
                    // Nobody listens any more once the output is broken.
                    if told.send((number, one(loaded, audit, visit, verbosity))).is_err() {
                        break;
                    }
                }
            };
            std::thread::Builder::new().stack_size(STACK).spawn_scoped(scope, work).map_err(Error::Output)?;
        }
        drop(told);
        // Also ends when an error returns: the receiver is gone then.
        let listening = listening;
        for (number, said) in &listening {
            if let Some(visit) = visits.get(number) {
                take(number, told_of(said, &visit.name, printer)?)?;
            }
        }
        Ok(())
    })
}

/// Audits one cluster in its own thread.
fn one(loaded: &Loaded, audit: &AuditOrder, visit: &Visit, verbosity: u8) -> Said {
    let (mut out, mut err) = (Vec::new(), Vec::new());
    let printer = Printer::new(&mut out, &mut err, verbosity);
    let result = match &visit.connection {
        Ok(connection) => {
            let run = audit.run(AuditTask::Audit, connection.as_ref().clone());
            heard(loaded, audit, run, Person::Absent, &printer).map_err(|error| error.lines())
        }
        Err(refusal) => Err(vec![format!("error: nothing was sent to it: {refusal}")]),
    };
    Said { result, messages: String::from_utf8_lossy(&err).into_owned() }
}

/// Prints the messages of one thread, prefixed with the name of its cluster.
fn told_of(said: Said, name: &str, printer: &Printer<'_>) -> Result<Heard, Error> {
    let say = |line: &str| printer.message(&format!("{name}: {line}"));
    said.messages.lines().try_for_each(say)?;
    let cluster = name.to_owned();
    Ok(match said.result {
        Ok(Observed { findings, identity, scope }) => Heard { cluster, identity, scope, result: Ok(findings) },
        Err(lines) => {
            lines.iter().try_for_each(|line| say(line))?;
            Heard { cluster, identity: String::new(), scope: AuditScope::default(), result: Err(lines) }
        }
    })
}
