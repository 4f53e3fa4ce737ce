//! `audit merge`: one report of those that `--output-dir` wrote, whatever the number of folders and runs.

use super::tell;
use crate::config::audit::MergeOrder;
use crate::config::file::read_report;
use crate::errors::Error;
use crate::phase::load::load;
use crate::render::audit::audit_of;
use crate::render::terminal::Printer;
use crate::store::files_in;
use kubephase_core::audit::{Audit, Audited, Terms};
use kubephase_core::outcome::Outcome;
use kubephase_core::saved::PhaseDocument;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

/// The ending of the reports that are merged.
const ENDING: &str = "json";

/// Merges the reports in the folders. Of a cluster with several the latest counts.
///
/// # Errors
/// [`Error::Part`] for a file that is no such report, and for reports by different phases or thresholds.
pub(in crate::commands) fn merge(order: &MergeOrder, printer: &Printer<'_>) -> Result<Outcome, Error> {
    let mut first: Option<(PathBuf, PhaseDocument, Terms)> = None;
    let mut clusters: BTreeMap<String, (jiff::Timestamp, Audited)> = BTreeMap::new();
    for path in reports(&order.folders)? {
        let audit = audit_of(&read_report(&path)?).map_err(|problem| Error::Part { path: path.clone(), problem })?;
        let now = audit.terms.now;
        if let Some((beside, phase, terms)) = &first {
            let other = |what: &str| Error::Part {
                path: path.clone(),
                problem: format!("it has another {what} than {}", beside.display()),
            };
            if *phase != audit.phase {
                return Err(other("phase"));
            }
            if terms.threshold != audit.terms.threshold {
                return Err(other("threshold (--fail-on)"));
            }
        }
        for cluster in audit.clusters {
            if clusters.get(&cluster.cluster).is_none_or(|(time, _)| *time < now) {
                clusters.insert(cluster.cluster.clone(), (now, cluster));
            }
        }
        first.get_or_insert((path, audit.phase, audit.terms));
    }
    let Some((_, phase, terms)) = first else {
        let path = order.folders.first().cloned().unwrap_or_default();
        return Err(Error::Part { path, problem: "there is no report in it".to_owned() });
    };
    let latest = clusters.values().map(|(time, _)| *time).max().unwrap_or(terms.now);
    let terms = Terms { now: latest, ..terms };
    // Only the phase itself knows the rules that found nothing.
    let embedded = load(&order.phase, printer)?;
    let rules = if embedded.document() == phase { embedded.description.rules } else { Vec::new() };
    let clusters = clusters.into_values().map(|(_, cluster)| cluster).collect();
    let merged = Audit::of_parts(phase, terms, clusters).by_rules(rules);
    tell(&merged, order.format, &order.files, printer)?;
    Ok(merged.verdict().outcome())
}

/// The reports in the folders, in the order of their names.
fn reports(folders: &[PathBuf]) -> Result<Vec<PathBuf>, Error> {
    let mut all = Vec::new();
    for folder in folders {
        let unreadable = |source: std::io::Error| Error::Part { path: folder.clone(), problem: source.to_string() };
        let is_report = |path: &Path| path.extension().is_some_and(|ending| ending == ENDING);
        all.extend(files_in(folder).map_err(unreadable)?.into_iter().filter(|path| is_report(path)));
    }
    Ok(all)
}
