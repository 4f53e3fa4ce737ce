//! `plan`, `apply` and `undo` for several clusters: a saved plan for each, applied in waves, and undone by waves.

mod folder;
mod waves;

use super::several;
use crate::config::Differences;
use crate::config::rollout::{RolloutAct, RolloutOrder};
use crate::consent::Person;
use crate::errors::Error;
use crate::phase::load::{Loaded, load};
use crate::render::document::show;
use crate::render::rollout::RolloutRows;
use crate::render::terminal::Printer;
use crate::session::execute;
use crate::session::in_session;
use crate::session::inventory::{Visit, file_stem, visits};
use folder::RolloutFolder;
use kubephase_core::connection::Connection;
use kubephase_core::outcome::Outcome;
use kubephase_core::report::Mode;
use kubephase_core::saved::{Rollout, RolloutCluster};
use std::path::PathBuf;

/// Runs a command for several clusters.
///
/// # Errors
/// [`Error`] if nothing can be done at all. What fails in one cluster is in the printed table and in the outcome.
pub(super) fn rollout(mut order: RolloutOrder, person: Person<'_>, printer: &Printer<'_>) -> Result<Outcome, Error> {
    order.run().warnings.iter().try_for_each(|warning| printer.message(&format!("warning: {warning}")))?;
    let mut loaded = load(&order.run().phase, printer)?;
    let task = order.run().question.task.clone();
    loaded.description.task(&task)?;
    let visits = visits(&order.fleet, &order.run().connection, order.run().phase.limits.read_bytes, printer)?;
    several::agree(&loaded, &mut order.run_mut().phase, &task, person, printer)?;
    loaded.turns = Some(several::concurrency());
    match order.act.clone() {
        RolloutAct::Plan(folder, differences) => plan(&order, &loaded, &visits, (folder, differences), printer),
        RolloutAct::Apply(folder, sizes, most) => waves::apply(&order, &loaded, visits, (&folder, &sizes, most), printer),
        RolloutAct::Undo(folder, which) => waves::undo(&order, &loaded, visits, (&folder, which), printer),
    }
}

/// Makes a plan for each cluster, and saves them.
fn plan(
    order: &RolloutOrder,
    loaded: &Loaded,
    visits: &[Visit],
    (path, differences): (Option<PathBuf>, Differences),
    printer: &Printer<'_>,
) -> Result<Outcome, Error> {
    let folder = path.as_deref().map(RolloutFolder::begin).transpose()?;
    let is_saved = folder.is_some();
    let visit = |_, connection: &Connection, printer: &Printer<'_>| {
        in_session(loaded, order.of_cluster(connection.clone()), Person::Absent, printer, |session| {
            let attempt = session.plan(&[])?;
            let content = attempt.plan.content();
            super::run::print_warnings(content, printer)?;
            let changes = execute::foresee(&content.operations, Mode::Client).changes();
            let text = if is_saved { Some(session.document(&attempt.known, Some(&attempt.plan))?.text()) } else { None };
            Ok((changes, text))
        })
    };
    let mut clusters: Vec<RolloutCluster> = visits.iter().map(unplanned).collect();
    several::each(visits, printer, visit, |number, visited| {
        let Some(cluster) = clusters.get_mut(number) else { return Ok(()) };
        match visited {
            Ok((changes, text)) => {
                cluster.changes = changes;
                if let (Some(folder), Some(text)) = (&folder, text) {
                    cluster.plan = Some(folder.write_plan(&cluster.file, &text)?);
                }
            }
            Err(lines) => cluster.problems = lines,
        }
        Ok(())
    })?;
    let rollout = Rollout::new(order.fleet.source.clone(), clusters);
    if let Some(folder) = &folder {
        folder.write_list(&rollout)?;
    }
    show(&RolloutRows(&rollout), order.format, printer)?;
    let is_any = |is: fn(&RolloutCluster) -> bool| rollout.clusters.iter().any(is);
    let has_changes = is_any(|cluster| cluster.changes > 0);
    if let Some(path) = path.filter(|_| has_changes) {
        printer.message(&format!("apply them with: {}", order.apply_command(&path)))?;
    }
    Ok(match (is_any(|cluster| !cluster.problems.is_empty()), has_changes, differences) {
        (true, ..) => Outcome::Failed,
        (false, true, Differences::Fail) => Outcome::No,
        (false, ..) => Outcome::Done,
    })
}

/// A cluster before there is a plan.
fn unplanned(visit: &Visit) -> RolloutCluster {
    RolloutCluster {
        name: visit.name.clone(),
        identity: visit.key.clone(),
        file: file_stem(&visit.key),
        plan: None,
        changes: 0,
        problems: Vec::new(),
        result: None,
    }
}
