//! `audit`: what a phase finds wrong with one or more clusters. Nothing is written to any of them; fixes go to a saved plan.

mod cure;
mod merge;
mod parts;
mod stored;

pub(super) use merge::merge;

use super::several;
use crate::cluster::live::{Contexts, Target};
use crate::component::CallError;
use crate::config::audit::{AuditOrder, AuditTask};
use crate::config::file::read_report;
use crate::config::fleet::Whom;
use crate::config::{Against, Run};
use crate::consent::Person;
use crate::errors::Error;
use crate::phase::load::{Loaded, load};
use crate::render::audit::{audit_of, print, written};
use crate::render::terminal::{Printer, clean_lines};
use crate::session::inventory::{Visit, visits};
use crate::session::observe::PlanInputs;
use crate::session::{Session, in_session};
use crate::store::write_shared;
use kubephase_core::audit::{Audit as Judgement, AuditScope, Audited, Baseline, Counting, Fixes, Heard, TokenRights};
use kubephase_core::connection::Connection;
use kubephase_core::finding::Finding;
use kubephase_core::format::{AuditFormat, Format};
use kubephase_core::name::shortened_to;
use kubephase_core::object::kube_system;
use kubephase_core::outcome::Outcome;
use kubephase_core::plan::Content;
use kubephase_core::selector::Selector;
use kubephase_core::snapshot::Lookup as Found;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

/// How many runs a SARIF file may have, and results in a run (GitHub, "SARIF support for code scanning"). A file with so many results in
/// all is also within the 10 MB that it may have when it is compressed.
const MOST_RUNS: usize = 20;
const MOST_RESULTS: usize = 25_000;
/// The format in which a file has so many runs at most.
const SARIF: Format<AuditFormat> = Format::Own(AuditFormat::Sarif);
/// How many notes of a phase are printed, and how long one may be.
const MOST_NOTES: usize = 20;
const NOTE_CHARACTERS: usize = 300;

/// The findings of a phase in one cluster.
struct Observed {
    findings: Vec<Finding>,
    /// What distinguishes the cluster from others.
    identity: String,
    /// What was looked at.
    scope: AuditScope,
}

/// Audits the requested clusters and reports the findings.
///
/// The outcome is `Done` if no finding counts, `No` if one does, and `Failed` if that is unknown.
///
/// # Errors
/// [`Error`] if the phase cannot be asked at all, the report cannot be written, or the fix plan cannot be made.
pub(super) fn audit(mut audit: AuditOrder, mut person: Person<'_>, printer: &Printer<'_>) -> Result<Outcome, Error> {
    let mut loaded = load(&audit.phase, printer)?;
    loaded.description.task(AuditTask::Audit.name())?;
    if audit.fix_out.is_some() {
        loaded.description.task(AuditTask::Fix.name())?;
        audit.checked_against(&loaded.description.rules)?;
    }
    audit.terms.baseline = audit.baseline.as_ref().map(baseline).transpose()?;
    let phase = loaded.document();
    let mut cure = None;
    let heard = match audit.whom.clone() {
        Whom::One => {
            let mut heard = one(&loaded, &audit, person.again(), printer)?;
            if let (Some(path), Ok(findings)) = (&audit.fix_out, &mut heard.result) {
                let saved = cure::saved(path, findings, &loaded, &audit, person, printer);
                cure = Some(saved.map(|cure::Saved { changes, told }| {
                    heard.scope = AuditScope { fixes: Fixes::Planned, changes, ..std::mem::take(&mut heard.scope) };
                    told
                }));
            }
            vec![heard]
        }
        Whom::Several(fleet) => {
            let visits = visits(&fleet, &audit.connection, audit.phase.limits.read_bytes, printer)?;
            several::agree(&loaded, &mut audit.phase, AuditTask::Audit.name(), person, printer)?;
            loaded.turns = Some(several::concurrency());
            if let Some(parts) = audit.parts.clone() {
                return parts::audited(&loaded, &audit, &parts, (&fleet, visits), printer);
            }
            let mut heard: Vec<Option<Heard>> = visits.iter().map(|_| None).collect();
            each(&loaded, &audit, &visits, printer, |number, found| {
                heard.get_mut(number).map(|place| place.replace(found));
                Ok(())
            })?;
            heard.into_iter().flatten().collect()
        }
    };
    let ended = audit.clock.end();
    let heard = heard.into_iter().map(|heard| Heard { scope: AuditScope { ended, ..heard.scope }, ..heard }).collect();
    let most_bytes = audit.phase.limits.read_bytes;
    let AuditOrder { terms, format, files, store, .. } = audit;
    let judgement = Judgement::judge(phase, terms, heard).by_rules(loaded.description.rules.clone());
    say_of_ignores(&judgement, printer)?;
    tell(&judgement, format, &files, printer)?;
    if let Some(cure) = cure {
        cure?.iter().try_for_each(|line| printer.message(line))?;
    }
    stored::outcome(&judgement, store.as_ref(), most_bytes, printer)
}

/// The findings of an earlier audit, ignored or not.
fn baseline((path, counting): &(PathBuf, Counting)) -> Result<Baseline, Error> {
    let found = audit_of(&read_report(path)?).map_err(|problem| Error::Part { path: path.clone(), problem })?;
    let of = |cluster: &Audited| {
        (cluster.cluster.clone(), cluster.findings().iter().map(|judged| judged.fingerprint.clone()).collect())
    };
    Ok(Baseline { fingerprints: found.clusters.iter().map(of).collect(), counting: *counting })
}

/// The result of auditing a single cluster.
fn one(loaded: &Loaded, audit: &AuditOrder, person: Person<'_>, printer: &Printer<'_>) -> Result<Heard, Error> {
    let run = audit.run(AuditTask::Audit, audit.connection.clone());
    let cluster = name(&run);
    match heard(loaded, audit, run, person, printer) {
        Ok(Observed { findings, identity, scope }) => Ok(Heard { cluster, identity, scope, result: Ok(findings) }),
        Err(error) if is_of_the_cluster(&error) => {
            let lines = error.lines();
            lines.iter().try_for_each(|line| printer.message(line))?;
            Ok(Heard { cluster, identity: String::new(), scope: AuditScope::default(), result: Err(lines) })
        }
        Err(error) => Err(error),
    }
}

/// Audits several clusters, and hands over what was found, each as soon as it is there, with its place among them.
fn each(
    loaded: &Loaded,
    audit: &AuditOrder,
    visits: &[Visit],
    printer: &Printer<'_>,
    mut take: impl FnMut(usize, Heard) -> Result<(), Error>,
) -> Result<(), Error> {
    let ask = |_, connection: &Connection, printer: &Printer<'_>| {
        heard(loaded, audit, audit.run(AuditTask::Audit, connection.clone()), Person::Absent, printer)
    };
    several::each(visits, printer, ask, |number, visited| {
        let Some(visit) = visits.get(number) else { return Ok(()) };
        let cluster = visit.name.clone();
        take(
            number,
            match visited {
                Ok(Observed { findings, identity, scope }) => Heard { cluster, identity, scope, result: Ok(findings) },
                Err(lines) => Heard { cluster, identity: String::new(), scope: AuditScope::default(), result: Err(lines) },
            },
        )
    })
}

/// Whether the error concerns one cluster only; otherwise no cluster can be audited.
const fn is_of_the_cluster(error: &Error) -> bool {
    match error {
        Error::Call(CallError::InvalidInput(_)) => false,
        Error::Cluster(_)
        | Error::Forbidden { .. }
        | Error::Call(_)
        | Error::Denied { .. }
        | Error::Plan(_)
        | Error::Unsettled(_) => true,
        _ => false,
    }
}

/// Asks the phase.
fn heard(loaded: &Loaded, audit: &AuditOrder, run: Run, person: Person<'_>, printer: &Printer<'_>) -> Result<Observed, Error> {
    in_session(loaded, run, person, printer, |session| {
        let attempt = session.plan(&[])?;
        let content = attempt.plan.content();
        notes(content).try_for_each(|note| printer.message(&note))?;
        let mut scope = scope(session, &attempt.known, &content.findings);
        if audit.writes(AuditFormat::Html) {
            scope.rights = TokenRights::of(&attempt.known.snapshot, audit.terms.now);
        }
        Ok(Observed { findings: content.findings.clone(), identity: identity(session, &attempt.known), scope })
    })
}

/// What was read, and where the objects of findings are.
fn scope(session: &Session<'_>, known: &PlanInputs, findings: &[Finding]) -> AuditScope {
    let mut objects: BTreeMap<String, usize> = BTreeMap::new();
    for (selector, found) in known.snapshot.iter() {
        let kind = match selector {
            Selector::One(target) => target.of.kind(),
            Selector::Many(list) => list.of.kind(),
        };
        *objects.entry(kind.to_owned()).or_default() += found.len();
    }
    let targets = findings.iter().filter_map(|finding| finding.target.as_ref());
    let files = targets.filter_map(|target| Some((target.clone(), session.cluster.file_of(target)?)));
    let user = match session.run.against {
        // A kubeconfig that cannot be read would have ended the audit.
        Against::Live => Target::user(&session.run.connection).ok().flatten(),
        Against::Folder(_) | Against::Empty => None,
    };
    AuditScope { uid: uid(known), user, objects, files: files.collect(), ..AuditScope::default() }
}

fn uid(known: &PlanInputs) -> Option<String> {
    match known.snapshot.look_up(&kube_system()) {
        Found::Present(namespace) => namespace.uid().map(str::to_owned),
        _ => None,
    }
}

/// The notes of the phase, limited in number and length.
fn notes(content: &Content) -> impl Iterator<Item = String> {
    content.notes.iter().take(MOST_NOTES).map(|note| shortened_to(note, NOTE_CHARACTERS).into_owned())
}

/// A stable identity of the cluster: the UID of `kube-system` if the phase read it, otherwise the keys of its certificate
/// authority, which do not depend on the address. The UID is not read just for this: an audit reads only what the phase declares.
fn identity(session: &Session<'_>, known: &PlanInputs) -> String {
    let pins = &known.server.certificate_authority_pins;
    match (&session.run.against, uid(known)) {
        (_, Some(uid)) => uid,
        (Against::Live, None) if pins.is_empty() => known.server.url.clone(),
        (Against::Live, None) => pins.join(","),
        // The folder itself is audited, wherever it is.
        (Against::Folder(_) | Against::Empty, None) => session.run.against.sort().to_owned(),
    }
}

/// The display name of the cluster of a run: its context, or its address or folder.
fn name(run: &Run) -> String {
    let Connection { context, server, environment, .. } = &run.connection;
    if let Against::Folder(path) = &run.against {
        return path.display().to_string();
    }
    let current = || Contexts::read(&run.connection).ok().and_then(|contexts| contexts.current);
    let pod = || environment.service_host.is_some().then(|| "in-cluster".to_owned());
    let named = server.as_ref().map(ToString::to_string).or_else(|| context.clone()).or_else(current).or_else(pod);
    named.unwrap_or_else(|| "cluster".to_owned())
}

/// Reports which ignore rules matched and which did not.
fn say_of_ignores(judgement: &Judgement, printer: &Printer<'_>) -> Result<(), Error> {
    for ignore in judgement.expired() {
        let expires = ignore.expires().unwrap_or_default();
        printer.message(&format!("warning: the ignore rule `{ignore}` expired on {expires} and has no effect"))?;
    }
    for ignore in judgement.unused() {
        printer.message(&format!("warning: the ignore rule `{ignore}` matches no finding"))?;
    }
    Ok(())
}

/// Writes the report to standard output and to the requested files.
fn tell(
    judgement: &Judgement,
    format: Format<AuditFormat>,
    files: &[(Format<AuditFormat>, PathBuf)],
    printer: &Printer<'_>,
) -> Result<(), Error> {
    match format {
        Format::Text => print(judgement, printer)?,
        format => printer.document(&written(judgement, format)?)?,
    }
    let runs = judgement.clusters.len();
    if runs > MOST_RUNS && format == SARIF {
        printer.message(&format!(
            "warning: SARIF with {runs} runs: code scanning accepts {MOST_RUNS} per file; `--output-file sarif=FILE` writes several"
        ))?;
    }
    for (format, path) in files {
        let save = |audit: &Judgement, path: PathBuf| {
            let text = clean_lines(&written(audit, *format)?);
            write_shared(&path, &text).map_err(|source| Error::Save { path, source })
        };
        let groups = if *format == SARIF { judgement.groups(MOST_RUNS, MOST_RESULTS) } else { Vec::new() };
        if let [_, _, ..] = groups.as_slice() {
            for (number, group) in groups.iter().enumerate() {
                save(&judgement.of_group(group), numbered(path, number + 1))?;
            }
            let (first, last) = (numbered(path, 1), numbered(path, groups.len()));
            printer.message(&format!(
                "written: `{}` to `{}`, with {MOST_RUNS} clusters each at most",
                first.display(),
                last.display()
            ))?;
        } else {
            save(judgement, path.clone())?;
        }
    }
    Ok(())
}

/// The path of one of several files: `audit.sarif` is `audit-1.sarif`.
fn numbered(path: &Path, number: usize) -> PathBuf {
    let stem = path.file_stem().unwrap_or_default().to_string_lossy();
    let ending = path.extension().map(|ending| format!(".{}", ending.to_string_lossy())).unwrap_or_default();
    path.with_file_name(format!("{stem}-{number}{ending}"))
}
