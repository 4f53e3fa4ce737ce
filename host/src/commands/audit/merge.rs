//! `audit merge`: one report of those that `--output-dir` wrote, whatever the number of folders and runs.

use super::tell;
use crate::config::audit::MergeOrder;
use crate::config::file::read_report;
use crate::errors::Error;
use crate::phase::load::load;
use crate::render::audit::{AuditFile, found};
use crate::render::terminal::Printer;
use crate::store::files_in;
use kubephase_core::audit::{Audit, AuditRun, AuditScope, Audited, Coverage, Terms};
use kubephase_core::outcome::Outcome;
use kubephase_core::saved::PhaseDocument;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

/// The ending of the reports that are merged.
const ENDING: &str = "json";
/// How many slices that nobody ran are named.
const MOST_NAMED: usize = 20;

/// What was found in the folders.
#[derive(Default)]
struct Parts {
    /// The first report, by which the others must be.
    first: Option<(PathBuf, PhaseDocument, Terms)>,
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
    let terms = Terms { now: latest, ..terms };
    // Only the phase itself knows the rules that found nothing.
    let embedded = load(&order.phase, printer)?;
    let rules = if embedded.document() == phase { embedded.description.rules } else { Vec::new() };
    let merged = Audit::of_parts(phase, terms, covered(clusters, &Coverage::of(&runs), printer)?).by_rules(rules);
    tell(&merged, order.format, &order.files, printer)?;
    Ok(merged.verdict().outcome())
}

/// The clusters that should be there, by name; and for each list an entry for the slices that nobody ran.
fn covered(found: BTreeMap<String, Kept>, coverage: &Coverage, printer: &Printer<'_>) -> Result<Vec<Audited>, Error> {
    let all = found.len();
    let is_meant = |(name, kept): &(String, Kept)| !kept.is_of_runs || coverage.clusters.contains(name);
    let meant = found.into_iter().filter(is_meant).map(|(name, kept)| (name, kept.cluster));
    let mut clusters: BTreeMap<String, Audited> = meant.collect();
    if let Some(gone) = all.checked_sub(clusters.len()).filter(|gone| *gone > 0) {
        let reports = if gone == 1 { "1 report is of a cluster".to_owned() } else { format!("{gone} reports are of clusters") };
        printer.message(&format!("{reports} that the latest run was not for, and left out"))?;
    }
    let unknown = |cluster: &str, why: String| Audited {
        cluster: cluster.to_owned(),
        scope: AuditScope::default(),
        result: Err(vec![format!("error: {why}")]),
    };
    for name in &coverage.clusters {
        let missing = || unknown(name, "there is no report of it: the run that was for it has not ended".to_owned());
        clusters.entry(name.clone()).or_insert_with(missing);
    }
    let mut clusters: Vec<Audited> = clusters.into_values().collect();
    for (source, numbers) in &coverage.missing {
        let count = coverage.counts.get(source).copied().unwrap_or_default();
        let named: Vec<String> = numbers.iter().take(MOST_NAMED).map(|number| format!("{number}/{count}")).collect();
        let more = numbers.len().saturating_sub(MOST_NAMED);
        let more = if more > 0 { format!(" and {more} more") } else { String::new() };
        let why = format!("these shards were not run, and nobody knows which clusters they have: {}{more}", named.join(", "));
        clusters.push(unknown(&format!("missing shards of {source}"), why));
    }
    for cluster in &clusters {
        for line in cluster.result.as_ref().err().into_iter().flatten() {
            printer.message(&format!("{}: {line}", cluster.cluster))?;
        }
    }
    Ok(clusters)
}

impl Parts {
    /// Reads the reports and the runs in a folder.
    fn read(&mut self, folder: &Path) -> Result<(), Error> {
        let unreadable = |source: std::io::Error| Error::Part { path: folder.to_owned(), problem: source.to_string() };
        let is_report = |path: &PathBuf| path.extension().is_some_and(|ending| ending == ENDING);
        let (mut reports, runs) = (Vec::new(), self.runs.len());
        for path in files_in(folder).map_err(unreadable)?.into_iter().filter(is_report) {
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
        for cluster in audit.clusters {
            let uid = cluster.scope.uid.as_ref();
            if let Some(kept) = self.clusters.get(&cluster.cluster) {
                if let (Some(one), Some(two)) = (uid, &kept.cluster.scope.uid)
                    && one != two
                {
                    let (name, beside) = (&cluster.cluster, kept.path.display());
                    return Err(other(format!("its cluster `{name}` is another one than that of {beside}: their UIDs differ")));
                }
                if kept.time >= time {
                    continue;
                }
            }
            self.clusters.insert(cluster.cluster.clone(), Kept { time, cluster, path: path.clone(), is_of_runs });
        }
        self.first.get_or_insert((path, audit.phase, audit.terms));
        Ok(())
    }
}
