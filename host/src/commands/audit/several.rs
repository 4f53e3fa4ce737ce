//! Audits several clusters concurrently, by one compiled phase: each call has an instance of its own, and bounds of its own.

use super::{Observed, heard};
use crate::config::audit::{AuditOrder, AuditTask};
use crate::consent::{self, Person, grant_of};
use crate::errors::Error;
use crate::phase::load::{Loaded, said};
use crate::render::terminal::Printer;
use kubephase_core::audit::{AuditScope, Heard};
use std::path::PathBuf;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc;

/// How many clusters are audited at once.
const MOST_THREADS: usize = 8;

/// The result of one thread, and the messages it collected.
struct Said {
    result: Result<Observed, Vec<String>>,
    messages: String,
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

/// The results for these contexts, in their order. A cluster that fails does not affect the others.
///
/// # Errors
/// [`Error`] if the output cannot be written.
pub(super) fn all(loaded: &Loaded, audit: &AuditOrder, contexts: &[String], printer: &Printer<'_>) -> Result<Vec<Heard>, Error> {
    let mut all: Vec<Option<Said>> = contexts.iter().map(|_| None).collect();
    let (next, (told, listening)) = (AtomicUsize::new(0), mpsc::channel());
    let verbosity = printer.verbosity();
    std::thread::scope(|scope| {
        for _ in 0..contexts.len().min(MOST_THREADS) {
            let (told, next) = (told.clone(), &next);
            scope.spawn(move || {
                loop {
                    let number = next.fetch_add(1, Ordering::Relaxed);
                    let Some(context) = contexts.get(number) else { break };
                    // The receiver outlives the threads.
                    let _ = told.send((number, one(loaded, audit, context, verbosity)));
                }
            });
        }
    });
    drop(told);
    for (number, said) in listening {
        if let Some(place) = all.get_mut(number) {
            *place = Some(said);
        }
    }
    let said = all.into_iter().zip(contexts).filter_map(|(said, context)| Some((said?, context)));
    said.map(|(said, context)| told_of(said, context, printer)).collect()
}

/// Audits one cluster in its own thread.
fn one(loaded: &Loaded, audit: &AuditOrder, context: &str, verbosity: u8) -> Said {
    let (mut out, mut err) = (Vec::new(), Vec::new());
    let printer = Printer::new(&mut out, &mut err, verbosity);
    let run = audit.run(AuditTask::Audit, Some(context));
    let result = heard(loaded, audit, run, Person::Absent, &printer).map_err(|error| error.lines());
    Said { result, messages: String::from_utf8_lossy(&err).into_owned() }
}

/// Prints the messages of one thread, prefixed with the name of its cluster.
fn told_of(said: Said, context: &str, printer: &Printer<'_>) -> Result<Heard, Error> {
    let say = |line: &str| printer.message(&format!("{context}: {line}"));
    said.messages.lines().try_for_each(say)?;
    let cluster = context.to_owned();
    Ok(match said.result {
        Ok(Observed { findings, identity, scope }) => Heard { cluster, identity, scope, result: Ok(findings) },
        Err(lines) => {
            lines.iter().try_for_each(|line| say(line))?;
            Heard { cluster, identity: String::new(), scope: AuditScope::default(), result: Err(lines) }
        }
    })
}
