//! A report for each cluster, in a folder: what `--output-dir` writes and `--resume` keeps.

use super::each;
use crate::config::audit::{AuditOrder, Parts};
use crate::config::file::read_report;
use crate::config::fleet::Fleet;
use crate::errors::Error;
use crate::phase::load::Loaded;
use crate::render::audit::{audit_of, table, written, written_run};
use crate::render::terminal::{Printer, clean_lines};
use crate::session::inventory::{Visit, file_stem, short};
use crate::store::{check_file, make_folder, write_shared};
use kubephase_core::audit::{Audit, AuditRun, AuditScope, Heard, ListedAs, Summary};
use kubephase_core::digest::Digest;
use kubephase_core::format::{AuditFormat, Format, Syntax};
use kubephase_core::inventory::Shard;
use kubephase_core::outcome::Outcome;
use std::path::PathBuf;

/// The format of the reports that are merged.
const MERGED: Format<AuditFormat> = Format::Document(Syntax::Json);

/// Audits the clusters, writes a report for each as soon as it is there, and prints a table of all.
///
/// # Errors
/// [`Error`] if a report cannot be written.
pub(super) fn audited(
    loaded: &Loaded,
    audit: &AuditOrder,
    parts: &Parts,
    (fleet, visits): (&Fleet, Vec<Visit>),
    printer: &Printer<'_>,
) -> Result<Outcome, Error> {
    make_folder(&parts.folder).map_err(|source| Error::Save { path: parts.folder.clone(), source })?;
    write_run(audit, parts, fleet, &visits)?;
    let terms = Digest::of(format!("{}\n{}", loaded.digest, audit.terms_text()).as_bytes());
    let kept: Vec<Option<Summary>> = visits.iter().map(|visit| kept(loaded, audit, parts, (visit, &terms))).collect();
    let count = kept.iter().flatten().count();
    if count > 0 {
        printer.message(&format!("{count} of {} clusters have a report that is young enough", visits.len()))?;
    }
    let (mut all, mut left) = (Vec::new(), Vec::new());
    for (visit, kept) in visits.into_iter().zip(kept) {
        match kept {
            Some(summary) => all.push(summary),
            None => left.push(visit),
        }
    }
    each(loaded, audit, &left, printer, |number, heard| {
        let Some(visit) = left.get(number) else { return Ok(()) };
        let judged = judged(loaded, audit, listed_as(&terms, visit), heard);
        write(&judged, audit, parts, &visit.identity)?;
        all.extend(judged.clusters.first().map(Summary::of));
        Ok(())
    })?;
    let outcome = Summary::verdict(&all).outcome();
    table(all, printer)?;
    Ok(outcome)
}

/// Writes what this run is for, before anything else: whoever merges the reports then knows what is missing.
fn write_run(audit: &AuditOrder, parts: &Parts, fleet: &Fleet, visits: &[Visit]) -> Result<(), Error> {
    let shard = fleet.shard.unwrap_or(Shard::WHOLE);
    let clusters = visits.iter().map(|visit| (visit.identity.clone(), visit.name.clone())).collect();
    let (source, time) = (fleet.source.clone(), audit.terms.now);
    let run = AuditRun { source, shard, time, clusters };
    let path = parts.folder.join(format!("run-{}-{}.json", short(&run.source), run.shard.to_string().replace('/', "-of-")));
    let text = clean_lines(&written_run(&run)?);
    write_shared(&path, &text).map_err(|source| Error::Save { path, source })
}

/// What a cluster is, and what is asked of it: another answer is none to this question. `terms` is the digest of what is asked of all.
fn listed_as(terms: &Digest, visit: &Visit) -> ListedAs {
    let question = format!("{terms}\n{}", visit.reached());
    ListedAs { identity: visit.identity.clone(), question: Digest::of(question.as_bytes()).to_string() }
}

fn judged(loaded: &Loaded, audit: &AuditOrder, listed: ListedAs, heard: Heard) -> Audit {
    let scope = AuditScope { ended: audit.clock.end(), listed: Some(listed), ..heard.scope };
    let heard = Heard { scope, ..heard };
    Audit::judge(loaded.document(), audit.terms.clone(), vec![heard]).by_rules(loaded.description.rules.clone())
}

/// The formats of a report: always that which is merged, and that of `-o`.
fn formats(audit: &AuditOrder) -> impl Iterator<Item = Format<AuditFormat>> {
    let more = Some(audit.format).filter(|format| ![Format::Text, MERGED].contains(format));
    std::iter::once(MERGED).chain(more)
}

/// Writes a report.
fn write(judged: &Audit, audit: &AuditOrder, parts: &Parts, identity: &str) -> Result<(), Error> {
    for format in formats(audit) {
        let path = path(parts, identity, format.name());
        let text = clean_lines(&written(judged, format)?);
        write_shared(&path, &text).map_err(|source| Error::Save { path, source })?;
    }
    Ok(())
}

/// What a report says of a cluster, if it is young enough, answers the same question, and nobody else could have written it. A cluster that
/// could not be audited is asked again.
fn kept(loaded: &Loaded, audit: &AuditOrder, parts: &Parts, (visit, terms): (&Visit, &Digest)) -> Option<Summary> {
    let from = parts.kept_from?;
    let mut paths = formats(audit).map(|format| path(parts, &visit.identity, format.name()));
    if !paths.all(|path| path.is_file() && check_file(&path).is_ok()) {
        return None;
    }
    let found = audit_of(&read_report(&path(parts, &visit.identity, MERGED.name())).ok()?).ok()?;
    let [cluster] = found.clusters.as_slice() else { return None };
    let is_same = found.phase == loaded.document() && cluster.cluster == visit.name;
    let is_answer = cluster.scope.listed.as_ref() == Some(&listed_as(terms, visit));
    let is_young = (from..=audit.terms.now).contains(&found.terms.now);
    (is_same && is_answer && is_young && cluster.result.is_ok()).then(|| Summary::of(cluster))
}

/// The file of a cluster.
fn path(parts: &Parts, identity: &str, ending: &str) -> PathBuf {
    parts.folder.join(format!("{}.{ending}", file_stem(identity)))
}
