//! `audit merge`: one report of those that `--output-dir` wrote, whatever the number of folders and runs.

use super::stored::outcome;
use super::tell;
use crate::commands::several::named;
use crate::config::audit::MergeOrder;
use crate::config::file::read_report;
use crate::errors::Error;
use crate::phase::load::load;
use crate::render::audit::{AuditFile, found};
use crate::render::terminal::Printer;
use crate::store::files_below;
use kubephase_core::audit::{Audit, AuditRun, AuditScope, Audited, Coverage, Terms};
use kubephase_core::inventory::distinct;
use kubephase_core::outcome::Outcome;
use kubephase_core::saved::PhaseDocument;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

/// The ending of the reports that are merged.
const ENDING: &str = "json";
/// How many slices that nobody ran are named.
const MOST_NAMED: usize = 20;
/// By how much a report is older than the latest when that is told.
const OLD: jiff::SignedDuration = jiff::SignedDuration::from_hours(24);

/// What was found in the folders.
#[derive(Default)]
struct Parts {
    /// The first report, by which the others must be.
    first: Option<(PathBuf, PhaseDocument, Terms)>,
    /// By what each is where it is listed, or by its name in a report that does not say.
    clusters: BTreeMap<String, Kept>,
    runs: Vec<AuditRun>,
}

/// The latest report of a cluster.
struct Kept {
    time: jiff::Timestamp,
    cluster: Audited,
    path: PathBuf,
    /// Whether runs wrote into the folder that it is in: then they say which clusters there are.
    is_of_runs: bool,
}

/// Merges the reports in the folders. Of a cluster with several the latest counts; one without a report, that a run was for, is one that could
/// not be audited.
///
/// # Errors
/// [`Error::Part`] for a file that is no such report, for reports by different phases or thresholds, and for two clusters of one name.
pub(in crate::commands) fn merge(order: &MergeOrder, printer: &Printer<'_>) -> Result<Outcome, Error> {
    let mut parts = Parts::default();
    for folder in &order.folders {
        parts.read(folder)?;
    }
    let Parts { first, clusters, runs } = parts;
    let Some((_, phase, terms)) = first else {
        let path = order.folders.first().cloned().unwrap_or_default();
        return Err(Error::Part { path, problem: "there is no report in it".to_owned() });
    };
    let latest = clusters.values().map(|kept| kept.time).max().unwrap_or(terms.now);
    say_of_old(&clusters, latest, printer)?;
    let terms = Terms { now: latest, ..terms };
    // Only the phase itself knows the rules that found nothing.
    let embedded = load(&order.phase, printer)?;
    let rules = if embedded.document() == phase { embedded.description.rules } else { Vec::new() };
    let mut clusters = covered(clusters, &Coverage::of(&runs), printer)?;
    for cluster in &mut clusters {
        // What is of another time than the whole keeps it; what a run noted for itself is of no use any more.
        cluster.scope.begun = cluster.scope.begun.filter(|time| *time != latest);
    }
    let merged = Audit::of_parts(phase, terms, clusters).by_rules(rules);
    tell(&merged, order.format, &order.files, printer)?;
    outcome(&merged, order.store.as_ref(), order.phase.limits.read_bytes, printer)
}

/// The clusters that should be there, by name; and for each list an entry for the slices that nobody ran.
fn covered(found: BTreeMap<String, Kept>, coverage: &Coverage, printer: &Printer<'_>) -> Result<Vec<Audited>, Error> {
    let all = found.len();
    let is_meant = |(identity, kept): &(String, Kept)| !kept.is_of_runs || coverage.clusters.contains_key(identity);
    let meant = found.into_iter().filter(is_meant).map(|(identity, kept)| (identity, kept.cluster));
    let mut clusters: BTreeMap<String, Audited> = meant.collect();
    if let Some(gone) = all.checked_sub(clusters.len()).filter(|gone| *gone > 0) {
        let what = match gone {
            1 => "1 report is left out: the latest run does not list its cluster".to_owned(),
            more => format!("{more} reports are left out: the latest run does not list their clusters"),
        };
        printer.message(&what)?;
    }
    let unknown = |cluster: &str, why: String| Audited {
        cluster: cluster.to_owned(),
        scope: AuditScope::default(),
        result: Err(vec![format!("error: {why}")]),
    };
    for (identity, name) in &coverage.clusters {
        let missing = || unknown(name, "it has no report: its run has not finished".to_owned());
        clusters.entry(identity.clone()).or_insert_with(missing);
    }
    let mut clusters = by_name(clusters);
    for (source, shards) in &coverage.missing {
        let named = named(shards.iter().map(ToString::to_string), MOST_NAMED);
        let why = format!("no run of these shards is here, so their clusters are not known: {named}");
        clusters.push(unknown(&format!("missing shards of {source}"), why));
    }
    for cluster in &clusters {
        for line in cluster.result.as_ref().err().into_iter().flatten() {
            printer.message(&format!("{}: {line}", cluster.cluster))?;
        }
    }
    Ok(clusters)
}

/// Whether two clusters are known to be different ones.
fn are_others(one: &Audited, two: &Audited) -> bool {
    one.scope.uid.as_ref().zip(two.scope.uid.as_ref()).is_some_and(|(one, two)| one != two)
}

/// The clusters in the order of their names. Those of two inventories may have the same.
fn by_name(clusters: BTreeMap<String, Audited>) -> Vec<Audited> {
    let names = distinct(clusters.iter().map(|(identity, cluster)| (cluster.cluster.as_str(), identity.as_str())));
    let named = clusters.into_values().zip(names).map(|(one, cluster)| Audited { cluster, ..one });
    let mut clusters: Vec<Audited> = named.collect();
    clusters.sort_by(|one, two| one.cluster.cmp(&two.cluster));
    clusters
}

/// Warns of reports that are much older than the latest: they say nothing of today.
fn say_of_old(clusters: &BTreeMap<String, Kept>, latest: jiff::Timestamp, printer: &Printer<'_>) -> Result<(), Error> {
    let is_old = |kept: &&Kept| latest.duration_since(kept.time) > OLD;
    let count = clusters.values().filter(is_old).count();
    if let Some(oldest) = clusters.values().filter(is_old).min_by_key(|kept| kept.time) {
        let (name, time) = (&oldest.cluster.cluster, oldest.time);
        let what = match count {
            1 => format!("the report of {name} is of {time}, more than a day before the latest"),
            more => format!("{more} reports are more than a day older than the latest; that of {name} is of {time}"),
        };
        printer.message(&format!("warning: {what}"))?;
    }
    Ok(())
}

impl Parts {
    /// Reads the reports and the runs in a folder.
    fn read(&mut self, folder: &Path) -> Result<(), Error> {
        let unreadable = |source: std::io::Error| Error::Part { path: folder.to_owned(), problem: source.to_string() };
        let is_report = |path: &PathBuf| path.extension().is_some_and(|ending| ending.eq_ignore_ascii_case(ENDING));
        let (mut reports, runs) = (Vec::new(), self.runs.len());
        for path in files_below(folder).map_err(unreadable)?.into_iter().filter(is_report) {
            match found(&read_report(&path)?).map_err(|problem| Error::Part { path: path.clone(), problem })? {
                AuditFile::Run(run) => self.runs.push(run),
                AuditFile::Report(audit) => reports.push((path, audit)),
            }
        }
        let is_of_runs = self.runs.len() > runs;
        reports.into_iter().try_for_each(|(path, audit)| self.add(path, audit, is_of_runs))
    }

    fn add(&mut self, path: PathBuf, audit: Audit, is_of_runs: bool) -> Result<(), Error> {
        let time = audit.terms.now;
        let other = |what: String| Error::Part { path: path.clone(), problem: what };
        if let Some((beside, phase, terms)) = &self.first {
            if *phase != audit.phase {
                return Err(other(format!("it has another phase than {}", beside.display())));
            }
            if terms.threshold != audit.terms.threshold {
                return Err(other(format!("it has another threshold (--fail-on) than {}", beside.display())));
            }
        }
        for mut cluster in audit.clusters {
            let time = cluster.scope.begun.unwrap_or(time);
            let listed = cluster.scope.listed.take();
            let key = listed.as_ref().map_or_else(|| format!("name/{}", cluster.cluster), |listed| listed.identity.clone());
            cluster.scope.begun = Some(time);
            match self.clusters.get(&key) {
                // Of a cluster that was made anew the latest report counts; two that only have one name are not one.
                Some(kept) if listed.is_none() && are_others(&cluster, &kept.cluster) => {
                    let (name, beside) = (&cluster.cluster, kept.path.display());
                    return Err(other(format!("its cluster `{name}` is another one than that of {beside}: their UIDs differ")));
                }
                Some(kept) if kept.time >= time => {}
                _ => drop(self.clusters.insert(key, Kept { time, cluster, path: path.clone(), is_of_runs })),
            }
        }
        self.first.get_or_insert((path, audit.phase, audit.terms));
        Ok(())
    }
}
