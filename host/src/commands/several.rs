//! Visits several clusters concurrently, by one compiled phase: each call has an instance of its own, and bounds of its own.

use crate::cluster::live::{Concurrency, Turns};
use crate::config::PhaseConfig;
use crate::consent::{self, Person, grant_of};
use crate::errors::Error;
use crate::interrupt::Interrupt;
use crate::phase::load::{Loaded, said};
use crate::render::progress::ClusterCount;
use crate::render::terminal::Printer;
use crate::session::inventory::Visit;
use kubephase_core::connection::Connection;
use std::collections::BTreeMap;
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

/// What became of a visit: its result, or the lines that say why there is none.
pub(super) type Visited<T> = Result<T, Vec<String>>;

/// How much is done at once on this machine.
pub(super) fn concurrency() -> Concurrency {
    let processors = std::thread::available_parallelism().map_or(1, NonZero::get);
    Concurrency {
        readers: Turns::of(READERS * processors),
        plugins: Turns::of(PLUGINS * processors),
        interrupt: Interrupt::default(),
    }
}

/// Asks for consent to a task now, once for all clusters: threads cannot ask.
///
/// # Errors
/// [`Error`] if consent is not given.
pub(super) fn agree(
    loaded: &Loaded,
    phase: &mut PhaseConfig,
    task: &str,
    person: Person<'_>,
    printer: &Printer<'_>,
) -> Result<(), Error> {
    let task = loaded.description.task(task)?;
    let applicant = loaded.applicant(phase);
    let granted = consent::granted(applicant, task, said(phase), person, printer)?;
    let grant = grant_of(applicant, task, granted);
    phase.grants = vec![(PathBuf::from(phase.source.to_string()), grant)];
    Ok(())
}

/// Visits the clusters and hands over each result as soon as it is there, with the place of its cluster among them. A cluster that fails
/// does not affect the others. What is said of the clusters is said in their order, each line behind the name of its cluster.
///
/// # Errors
/// [`Error`] if the output cannot be written, or by `take`.
pub(super) fn each<T: Send>(
    visits: &[Visit],
    printer: &Printer<'_>,
    visit: impl Fn(usize, &Connection, &Printer<'_>) -> Result<T, Error> + Sync,
    mut take: impl FnMut(usize, Visited<T>) -> Result<(), Error>,
) -> Result<(), Error> {
    let (next, (told, listening)) = (AtomicUsize::new(0), mpsc::sync_channel(1));
    let (verbosity, visit) = (printer.verbosity(), &visit);
    std::thread::scope(|scope| {
        for _ in 0..visits.len().min(MOST_THREADS) {
            let (told, next) = (told.clone(), &next);
            let work = move || {
                loop {
                    let number = next.fetch_add(1, Ordering::Relaxed);
                    let Some(cluster) = visits.get(number) else { break };
                    // Nobody listens any more once the output is broken.
                    let visit = |connection: &Connection, printer: &Printer<'_>| visit(number, connection, printer);
                    if told.send((number, one(cluster, verbosity, visit))).is_err() {
                        break;
                    }
                }
            };
            std::thread::Builder::new().stack_size(STACK).spawn_scoped(scope, work).map_err(Error::Output)?;
        }
        drop(told);
        // Also ends when an error returns: the receiver is gone then.
        let listening = listening;
        let mut messages = Messages { visits, first: 0, waiting: BTreeMap::new() };
        let count = ClusterCount::of(visits.len());
        for (number, (result, said)) in &listening {
            count.done();
            count.aside(|| messages.say(number, said, printer))?;
            take(number, result)?;
        }
        Ok(())
    })
}

/// Visits one cluster in its own thread. Returns also the lines to say of it.
fn one<T>(
    cluster: &Visit,
    verbosity: u8,
    visit: impl Fn(&Connection, &Printer<'_>) -> Result<T, Error>,
) -> (Visited<T>, Vec<String>) {
    let (mut out, mut err) = (Vec::new(), Vec::new());
    let printer = Printer::new(&mut out, &mut err, verbosity);
    let result = match &cluster.connection {
        Ok(connection) => visit(connection, &printer).map_err(|error| error.lines()),
        Err(refusal) => Err(vec![format!("error: nothing was sent to it: {refusal}")]),
    };
    let mut said: Vec<String> = String::from_utf8_lossy(&err).lines().map(str::to_owned).collect();
    said.extend(result.as_ref().err().into_iter().flatten().cloned());
    (result, said)
}

/// Names, the first of them if there are many.
pub(super) fn named(names: impl Iterator<Item = String>, most: usize) -> String {
    let mut names: Vec<String> = names.collect();
    let more = names.len().saturating_sub(most);
    names.truncate(most);
    let rest = if more > 0 { format!(" and {more} more") } else { String::new() };
    names.join(", ") + &rest
}

/// What is still to be said, in the order of the clusters.
struct Messages<'a> {
    visits: &'a [Visit],
    /// The first cluster of which nothing was said yet.
    first: usize,
    /// What is known of those behind it.
    waiting: BTreeMap<usize, Vec<String>>,
}

impl Messages<'_> {
    fn say(&mut self, number: usize, lines: Vec<String>, printer: &Printer<'_>) -> Result<(), Error> {
        self.waiting.insert(number, lines);
        while let (Some(lines), Some(visit)) = (self.waiting.remove(&self.first), self.visits.get(self.first)) {
            lines.iter().try_for_each(|line| printer.message(&format!("{}: {line}", visit.name)))?;
            self.first += 1;
        }
        Ok(())
    }
}
