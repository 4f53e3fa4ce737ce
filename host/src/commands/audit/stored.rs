//! `--report`: the findings as objects of a cluster, for whatever shows policy reports there.

use crate::errors::Error;
use crate::render::audit::cluster_reports;
use crate::render::terminal::Printer;
use crate::session::own::apply_each;
use kubephase_core::audit::Audit;
use kubephase_core::connection::Connection;
use kubephase_core::name::{InvalidName, ObjectName};
use kubephase_core::object::{ApiResource, ObjectRef};
use kubephase_core::outcome::Outcome;
use kubephase_core::write::WriteMode;

/// How many refusals are told.
const MOST_TOLD: usize = 5;

/// The outcome of an audit, and of writing its reports to a cluster, if there is one to write to.
///
/// # Errors
/// [`Error`] if that cluster cannot be reached.
pub(super) fn outcome(audit: &Audit, to: Option<&Connection>, most_bytes: u64, printer: &Printer<'_>) -> Result<Outcome, Error> {
    let stored = to.map_or(Ok(Outcome::Done), |to| stored(audit, to, most_bytes, printer))?;
    Ok(stored.max(audit.verdict().outcome()))
}

/// Writes the report of each cluster to one cluster, as a `ClusterReport`. Returns what became of it.
///
/// # Errors
/// [`Error`] if that cluster cannot be reached.
fn stored(audit: &Audit, connection: &Connection, most_bytes: u64, printer: &Printer<'_>) -> Result<Outcome, Error> {
    let reports = cluster_reports(audit)?;
    let target = |name: &str| -> Result<ObjectRef, InvalidName> {
        let of = ApiResource::parse("openreports.io", "v1alpha1", "clusterreports", "ClusterReport")?;
        ObjectRef::new(of, None, ObjectName::parse(name)?)
    };
    // The names are made of what a name may have.
    let objects: Vec<_> = reports.into_iter().filter_map(|(name, body)| Some((target(&name).ok()?, body))).collect();
    let all = objects.len();
    let refused: Vec<String> = apply_each(connection, objects, (most_bytes, WriteMode::Real), printer)?
        .into_iter()
        .filter_map(|result| Some(result.err()?.to_string()))
        .collect();
    for line in refused.iter().take(MOST_TOLD) {
        printer.message(line)?;
    }
    let kept = all - refused.len();
    if refused.is_empty() {
        printer.message(&format!("{kept} {} written to the cluster", if kept == 1 { "report was" } else { "reports were" }))?;
        return Ok(Outcome::Done);
    }
    printer.message(&format!("error: {} of {all} reports could not be written to the cluster", refused.len()))?;
    printer.message(
        "  hint: they are ClusterReports of openreports.io: it must have that definition, and you may need `create` and `patch`",
    )?;
    Ok(if kept == 0 { Outcome::Failed } else { Outcome::Partial })
}
