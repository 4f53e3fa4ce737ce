//! Applies the plans of several clusters wave after wave, and undoes what was applied.

use super::folder::RolloutFolder;
use crate::commands::several::named;
use crate::commands::{check, run, several};
use crate::config::rollout::{MostFailures, RolloutOrder, UndoneWaves};
use crate::config::{Precheck, Stage};
use crate::consent::Person;
use crate::errors::Error;
use crate::interrupt::Interrupt;
use crate::phase::load::Loaded;
use crate::render::document::show;
use crate::render::rollout::RolloutRows;
use crate::render::terminal::Printer;
use crate::session::inventory::Visit;
use crate::session::{Session, in_session};
use kubephase_core::connection::Connection;
use kubephase_core::join::{Diagnosis, JoinVerdict};
use kubephase_core::outcome::Outcome;
use kubephase_core::saved::{ClusterResult, ClusterState, Rollout, RolloutCluster, Waves};
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

/// How many clusters of a list are named.
const MOST_NAMED: usize = 10;

/// What is to be done with a cluster.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Task {
    /// Its plan is applied.
    Apply,
    /// An earlier attempt ended in the middle: it is undone, then the plan is applied.
    ApplyAgain,
    /// Its plan is applied already: only whether nodes can join is looked at.
    Check,
}

/// A cluster in a wave: its place in the list, and what is to be done.
type Step = (usize, Task);

/// Several clusters, and what is done with them.
struct Work<'a> {
    order: &'a RolloutOrder,
    loaded: &'a Loaded,
    folder: RolloutFolder,
    rollout: Rollout,
}

/// Applies the plans of a folder. What a wave has done to its clusters is looked at before the next one begins.
///
/// # Errors
/// [`Error`] if nothing can be applied at all.
pub(super) fn apply(
    order: &RolloutOrder,
    loaded: &Loaded,
    visits: Vec<Visit>,
    (path, sizes, MostFailures(most)): (&Path, &Waves, MostFailures),
    printer: &Printer<'_>,
) -> Result<Outcome, Error> {
    let mut work = Work::open(order, loaded, path)?;
    let mut visits = work.matched(visits, printer)?;
    let mut steps = work.steps();
    steps.retain(|(place, _)| visits.contains_key(place));
    // Whoever is no longer listed is not done; a slice is only for its own.
    let is_whole = order.fleet.shard.is_none();
    let meant: BTreeSet<usize> =
        if is_whole { (0..work.rollout.clusters.len()).collect() } else { visits.keys().copied().collect() };
    work.interrupt().listen().map_err(Error::Output)?;
    let mut failures = 0;
    let results = work.rollout.clusters.iter().filter_map(|cluster| cluster.result.as_ref());
    let earlier = results.map(|result| result.wave).max().unwrap_or_default();
    // Each run begins with the first size: what failed in the first wave is tried again on few clusters.
    let mut number = 0;
    while !steps.is_empty() && failures <= most && !work.interrupt().is_raised() {
        number += 1;
        let (wave, size) = (earlier + number, sizes.size(number));
        let now: Vec<Step> = steps.drain(..steps.len().min(size)).collect();
        let (last, count) = (steps.is_empty(), now.len());
        printer.message(&format!("wave {wave}: {count} {}", clusters(count)))?;
        let wave_visits: Vec<Visit> = now.iter().filter_map(|(place, _)| visits.remove(place)).collect();
        failures += work.wave((wave, &now), &wave_visits, printer)?;
        if failures > most && !last {
            let left = steps.len();
            printer.message(&format!(
                "stopped: {failures} {} failed, and --max-failures is {most}; {left} {} not changed",
                clusters(failures),
                if left == 1 { "cluster was" } else { "clusters were" }
            ))?;
        }
    }
    if number == 0 && work.outcome(&meant) == Outcome::Done {
        printer.message("nothing is left to apply")?;
    }
    show(&RolloutRows(&work.rollout), order.format, printer)?;
    let outcome = work.outcome(&meant);
    if outcome != Outcome::Done {
        printer.message("run the same command again to go on with what is not done")?;
    }
    if work.rollout.clusters.iter().any(|cluster| work.folder.undo_file(cluster).exists()) {
        printer.message(&format!("undo the latest wave with: {}", order.undo_command(path)))?;
    }
    Ok(outcome)
}

/// Undoes what was applied.
///
/// # Errors
/// [`Error`] if nothing can be undone at all.
pub(super) fn undo(
    order: &RolloutOrder,
    loaded: &Loaded,
    visits: Vec<Visit>,
    (path, which): (&Path, UndoneWaves),
    printer: &Printer<'_>,
) -> Result<Outcome, Error> {
    let mut work = Work::open(order, loaded, path)?;
    let mut visits = work.matched(visits, printer)?;
    let wave_of = |cluster: &RolloutCluster| cluster.result.as_ref().map(|result| result.wave);
    let latest = work.rollout.clusters.iter().filter_map(wave_of).max();
    let Some(latest) = latest else {
        printer.message("nothing to undo: no plan of this folder is applied")?;
        return Ok(Outcome::Failed);
    };
    let is_meant = |cluster: &RolloutCluster| wave_of(cluster).is_some_and(|wave| which == UndoneWaves::All || wave == latest);
    let places: Vec<usize> =
        work.rollout.clusters.iter().enumerate().filter(|(_, cluster)| is_meant(cluster)).map(|(place, _)| place).collect();
    let there: Vec<usize> = places.iter().copied().filter(|place| visits.contains_key(place)).collect();
    let chosen: Vec<Visit> = there.iter().filter_map(|place| visits.remove(place)).collect();
    work.interrupt().listen().map_err(Error::Output)?;
    let (clusters, folder) = (&work.rollout.clusters, &work.folder);
    let mut undone = Vec::new();
    several::each(
        &chosen,
        printer,
        |number, connection, printer| match there.get(number).and_then(|place| clusters.get(*place)) {
            Some(cluster) => work.undo_one(cluster, connection, printer),
            None => Ok(Outcome::Failed),
        },
        |number, visited| {
            if let (Ok(Outcome::Done), Some(place)) = (visited, there.get(number))
                && let Some(cluster) = clusters.get(*place)
            {
                folder.forget(cluster)?;
                undone.push(*place);
            }
            Ok(())
        },
    )?;
    for place in &undone {
        if let Some(cluster) = work.rollout.clusters.get_mut(*place) {
            cluster.result = None;
        }
    }
    show(&RolloutRows(&work.rollout), order.format, printer)?;
    Ok(match (undone.len() == places.len(), undone.is_empty()) {
        (true, _) => Outcome::Done,
        (false, true) => Outcome::Failed,
        (false, false) => Outcome::Partial,
    })
}

impl<'a> Work<'a> {
    /// The plans of a folder, with what became of each.
    fn open(order: &'a RolloutOrder, loaded: &'a Loaded, path: &Path) -> Result<Self, Error> {
        let (folder, mut rollout) = RolloutFolder::open(path)?;
        for cluster in &mut rollout.clusters {
            cluster.result = folder.result(cluster)?;
        }
        Ok(Self { order, loaded, folder, rollout })
    }

    /// The visits by the place of their cluster in the list. Says which clusters are in one of both only.
    fn matched(&self, visits: Vec<Visit>, printer: &Printer<'_>) -> Result<BTreeMap<usize, Visit>, Error> {
        let mut places: BTreeMap<&str, usize> =
            self.rollout.clusters.iter().enumerate().map(|(place, cluster)| (cluster.identity.as_str(), place)).collect();
        let (mut matched, mut new) = (BTreeMap::new(), Vec::new());
        for visit in visits {
            match places.remove(visit.key.as_str()) {
                Some(place) => drop(matched.insert(place, visit)),
                None => new.push(visit.name),
            }
        }
        if !new.is_empty() {
            printer.message(&format!("warning: without a plan, and left out: {}", named(new.into_iter(), MOST_NAMED)))?;
        }
        if self.order.fleet.shard.is_none() && !places.is_empty() {
            let names = places.into_values().filter_map(|place| Some(self.rollout.clusters.get(place)?.name.clone()));
            printer.message(&format!("warning: no longer in `{}`: {}", self.order.fleet.source, named(names, MOST_NAMED)))?;
        }
        Ok(matched)
    }

    /// What is left to do.
    fn steps(&self) -> Vec<Step> {
        let mut steps = Vec::new();
        for (place, cluster) in self.rollout.clusters.iter().enumerate() {
            let is_changed = self.folder.undo_file(cluster).exists();
            let task = match cluster.result.as_ref().map(|result| result.state) {
                _ if cluster.plan.is_none() || cluster.changes == 0 => continue,
                Some(ClusterState::Done) => continue,
                Some(ClusterState::Rejected) => Task::Check,
                Some(ClusterState::Begun | ClusterState::Failed) if is_changed => Task::ApplyAgain,
                Some(ClusterState::Begun | ClusterState::Failed) | None => Task::Apply,
            };
            steps.push((place, task));
        }
        steps
    }

    /// Changes the clusters of a wave. Returns how many of them failed.
    fn wave(&mut self, (wave, steps): (usize, &[Step]), visits: &[Visit], printer: &Printer<'_>) -> Result<usize, Error> {
        let mut results: Vec<(usize, ClusterResult)> = Vec::new();
        let result = |cluster: &RolloutCluster, state, problems| {
            ClusterResult::new(cluster.plan.clone().unwrap_or_default(), wave, state, problems)
        };
        let at = |number: usize| {
            let (place, task) = steps.get(number)?;
            Some((*place, *task, self.rollout.clusters.get(*place)?))
        };
        several::each(
            visits,
            printer,
            |number, connection, printer| {
                let Some((_, task, cluster)) = at(number) else { return Ok(None) };
                if self.interrupt().is_raised() {
                    return Ok(None);
                }
                if task != Task::Check {
                    self.folder.write_result(cluster, &result(cluster, ClusterState::Begun, Vec::new()))?;
                }
                self.step(task, cluster, connection, printer).map(Some)
            },
            |number, visited| {
                let Some((place, _, cluster)) = at(number) else { return Ok(()) };
                let (state, problems) = match visited {
                    Ok(None) => return Ok(()),
                    Ok(Some(stepped)) => stepped,
                    Err(lines) => (ClusterState::Failed, lines),
                };
                let result = result(cluster, state, problems);
                self.folder.write_result(cluster, &result)?;
                results.push((place, result));
                Ok(())
            },
        )?;
        let failed = results.iter().filter(|(_, result)| result.state != ClusterState::Done).count();
        for (place, result) in results {
            if let Some(cluster) = self.rollout.clusters.get_mut(place) {
                cluster.result = Some(result);
            }
        }
        Ok(failed)
    }

    /// Changes one cluster, and looks at whether nodes can join as before.
    fn step(
        &self,
        task: Task,
        cluster: &RolloutCluster,
        connection: &Connection,
        printer: &Printer<'_>,
    ) -> Result<(ClusterState, Vec<String>), Error> {
        if task == Task::ApplyAgain {
            printer.message("an earlier attempt ended in the middle; it is undone first")?;
            if self.undo_one(cluster, connection, printer)? != Outcome::Done {
                return Ok((ClusterState::Failed, vec!["error: an earlier attempt could not be undone".to_owned()]));
            }
            let path = self.folder.undo_file(cluster);
            crate::store::remove(&path).map_err(|source| Error::Save { path, source })?;
        }
        let (path, plan) = self.folder.plan(cluster)?;
        let mut run = self.order.of_plan(&path, plan, connection.clone())?;
        run.undo.file = Some(self.folder.undo_file(cluster));
        let precheck = self.precheck();
        in_session(self.loaded, run, Person::Absent, printer, |session| {
            if task == Task::Check {
                return self.judged(session, &BTreeMap::new(), printer);
            }
            let before = check::of_session(session, None, printer)?;
            match run::apply(session, precheck, printer)? {
                Outcome::Done => self.judged(session, &before, printer),
                _ => Ok((ClusterState::Failed, vec!["error: some changes were not made".to_owned()])),
            }
        })
    }

    /// Whether nodes can join with each token with which they could before, and with each new one.
    fn judged(
        &self,
        session: &Session<'_>,
        before: &BTreeMap<String, Diagnosis>,
        printer: &Printer<'_>,
    ) -> Result<(ClusterState, Vec<String>), Error> {
        let after = match check::of_session(session, Some(self.order.patience()), printer) {
            Ok(after) => after,
            // The writes are done: this is about what they did.
            Err(error) => return Ok((ClusterState::Rejected, error.lines())),
        };
        let mut problems = Vec::new();
        for (id, diagnosis) in after.into_iter().filter(|(_, diagnosis)| diagnosis.verdict != JoinVerdict::Joins) {
            let sentence = format!("token {id}: {}", diagnosis.verdict.sentence());
            if before.get(&id).is_some_and(|before| before.verdict != JoinVerdict::Joins) {
                printer.message(&format!("warning: {sentence}, as before"))?;
            } else {
                problems.push(format!("error: {sentence}"));
                problems.extend(diagnosis.causes.iter().map(|cause| format!("  {} [{}]", cause.text, cause.reason.name())));
            }
        }
        problems.iter().try_for_each(|problem| printer.message(problem))?;
        Ok((if problems.is_empty() { ClusterState::Done } else { ClusterState::Rejected }, problems))
    }

    /// Undoes what was done to a cluster; nothing, if it was not changed.
    fn undo_one(&self, cluster: &RolloutCluster, connection: &Connection, printer: &Printer<'_>) -> Result<Outcome, Error> {
        let path = self.folder.undo_file(cluster);
        if !path.exists() {
            let state = cluster.result.as_ref().map(|result| result.state);
            if matches!(state, Some(ClusterState::Done | ClusterState::Rejected)) {
                printer.message("error: it was changed, and its undo plan is no longer in the folder")?;
                return Ok(Outcome::Failed);
            }
            return Ok(Outcome::Done);
        }
        let run = self.order.of_undo(&path, connection.clone())?;
        let precheck = self.precheck();
        in_session(self.loaded, run, Person::Absent, printer, |session| run::apply(session, precheck, printer))
    }

    /// Ctrl-C, for all clusters together.
    fn interrupt(&self) -> Interrupt {
        self.loaded.turns.as_ref().map(|turns| turns.interrupt.clone()).unwrap_or_default()
    }

    fn precheck(&self) -> Precheck {
        match self.order.run().stage {
            Stage::Execute(precheck) => precheck,
            Stage::Plan(..) | Stage::Foresee | Stage::Verify => Precheck::Server,
        }
    }

    /// Done if every one of these clusters is.
    fn outcome(&self, meant: &BTreeSet<usize>) -> Outcome {
        let state = |cluster: &RolloutCluster| cluster.result.as_ref().map(|result| result.state);
        let is_done = |cluster: &RolloutCluster| {
            state(cluster) == Some(ClusterState::Done) || (cluster.plan.is_some() && cluster.changes == 0)
        };
        let is_changed = |cluster: &RolloutCluster| state(cluster).is_some() && self.folder.undo_file(cluster).exists();
        let clusters = || meant.iter().filter_map(|place| self.rollout.clusters.get(*place));
        match (clusters().all(is_done), clusters().any(is_changed)) {
            (true, _) => Outcome::Done,
            (false, true) => Outcome::Partial,
            (false, false) => Outcome::Failed,
        }
    }
}

const fn clusters(count: usize) -> &'static str {
    if count == 1 { "cluster" } else { "clusters" }
}
