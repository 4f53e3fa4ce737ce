//! What the host reads for itself, without a phase: the tokens of `list`, the clusters of an inventory.

use super::cluster;
use crate::cluster::live::{CallSettings, Concurrency};
use crate::cluster::{ClusterError, Sink};
use crate::config::Against;
use crate::errors::Error;
use crate::interrupt::Interrupt;
use crate::render::progress::PlainLines;
use crate::render::terminal::Printer;
use kubephase_core::connection::Connection;
use kubephase_core::object::ObjectRef;
use kubephase_core::permission::Permissions;
use kubephase_core::policy::Policy;
use kubephase_core::selector::Selector;
use kubephase_core::write::{Expected, Verb, Write, WriteMode};
use serde_json::{Map, Value};

/// How many objects are written at once.
const MOST_AT_ONCE: usize = 50;

/// What the host reads.
pub(crate) struct OwnRead<'a> {
    /// What asked for it, for a denial.
    pub(crate) what: &'static str,
    /// The host's own permissions for it.
    pub(crate) permissions: &'a Permissions,
    /// The object, or the list.
    pub(crate) selector: Selector,
    /// How many bytes of the answer are read.
    pub(crate) most_bytes: u64,
    /// How many clusters are read at once; `None` for one.
    pub(crate) turns: Option<&'a Concurrency>,
}

/// Writes objects for the host itself, by server-side apply: a field that somebody else manages and that has another value is a conflict.
///
/// # Errors
/// [`Error`] if the cluster cannot be reached at all. Otherwise what the server said of each, in their order.
pub(crate) fn apply_each(
    connection: &Connection,
    objects: Vec<(ObjectRef, Map<String, Value>)>,
    (most_bytes, mode): (u64, WriteMode),
    printer: &Printer<'_>,
) -> Result<Vec<Result<(), ClusterError>>, Error> {
    let (plain, interrupt) = (PlainLines::new(printer), Interrupt::default());
    let patience = connection.patience;
    let manners =
        CallSettings { patience, interrupt: &interrupt, progress: &plain, log: printer, caller: "", most_bytes, turns: None };
    let cluster = cluster(connection, &Against::Live, manners, printer)?;
    let write = |(target, body)| Write { target, verb: Verb::Apply(body), expected: Expected::Any };
    let writes: Vec<Write> = objects.into_iter().map(write).collect();
    let flights = writes.chunks(MOST_AT_ONCE);
    let results = flights.flat_map(|flight| cluster.write(&flight.iter().collect::<Vec<_>>(), mode));
    Ok(results.map(|result| result.map(drop)).collect())
}

/// Hands the objects of a list to a sink, one by one.
///
/// # Errors
/// [`Error`] if they cannot be read.
pub(crate) fn read_each(
    connection: &Connection,
    against: &Against,
    read: OwnRead<'_>,
    sink: &mut dyn Sink,
    printer: &Printer<'_>,
) -> Result<(), Error> {
    let OwnRead { what, permissions, selector, most_bytes, turns } = read;
    let (plain, interrupt) = (PlainLines::new(printer), Interrupt::default());
    let patience = connection.patience;
    let manners = CallSettings { patience, interrupt: &interrupt, progress: &plain, log: printer, caller: "", most_bytes, turns };
    let cluster = cluster(connection, against, manners, printer)?;
    let policy = Policy { declared: permissions, granted: permissions, of_phase: permissions };
    let reads = policy.permit_reads(vec![selector]).map_err(|denials| Error::denied(denials, policy, what))?;
    cluster.each(&reads, sink).map_err(Error::Cluster)
}
