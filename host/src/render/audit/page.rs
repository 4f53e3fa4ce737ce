//! An audit as one page for a browser: no script, no address of anything that is loaded, readable offline and on paper.
//!
//! All texts are of a phase or a cluster. Each is [cleaned](clean), the template escapes it, and the policy in the page's head lets
//! a browser load nothing and run nothing, whatever a text says.

mod picture;

use super::address::is_address;
use super::cleaned;
use crate::render::diff::DiffLine;
use crate::render::terminal::clean;
use askama::Template;
use base64::{Engine as _, engine::general_purpose::STANDARD};
use kubephase_core::audit::{Audit, AuditVerdict, Audited, Fixes, Judged, Novelty, Summary, Threshold, Weight, qualified};
use kubephase_core::finding::{Finding, Severity};
use kubephase_core::saved::ChangedDocument;
use picture::Picture;
use sha2::{Digest as _, Sha256};
use std::collections::{BTreeMap, BTreeSet};
use std::io;

const STYLE: &str = include_str!("../../../templates/audit.css");
/// How many findings of a severity are shown of a cluster, and how many of all. A browser with ten thousand is of no use; JSON has all.
const MOST_FINDINGS: usize = 200;
const MOST_OF_PAGE: usize = 2_000;
/// How many clusters have a picture: the worst.
const MOST_PICTURES: usize = 50;
/// How many lines of a diff are shown.
const MOST_LINES: usize = 200;

#[derive(Template)]
#[template(path = "audit.html")]
struct Page {
    style: &'static str,
    /// The digest of the style, for the policy.
    style_digest: String,
    verdict: Verdict,
    time: String,
    phase: String,
    digest: String,
    fail_on: &'static str,
    rules: usize,
    matrix: Option<Matrix>,
    clusters: Vec<Cluster>,
}

/// The verdict on everything, or on a cluster.
struct Verdict {
    /// `clean`, `findings` or `unknown`.
    class: &'static str,
    sentence: String,
}

/// What was found by which rule, of several clusters.
struct Matrix {
    /// How many clusters have each verdict.
    totals: String,
    rules: Vec<(String, &'static str)>,
    rows: Vec<Row>,
}

/// A cluster of the matrix.
struct Row {
    anchor: String,
    name: String,
    verdict: &'static str,
    /// Whether it could be audited: else it is not known what it has.
    known: bool,
    /// For each rule how often it was found, and how bad the worst is.
    cells: Vec<Option<(usize, &'static str)>>,
}

struct Cluster {
    anchor: String,
    name: String,
    verdict: Verdict,
    /// Why it could not be audited.
    failure: Option<String>,
    facts: Vec<(&'static str, String)>,
    counts: Vec<(&'static str, usize)>,
    severities: Vec<OfSeverity>,
    ignored: Vec<Ignored>,
    /// How the lines that fix a finding come into the page.
    hint: bool,
    picture: Option<Picture>,
}

/// What there is room for on the rest of the page. The worst clusters take it first.
struct Room {
    findings: usize,
    pictures: usize,
}

struct OfSeverity {
    name: &'static str,
    count: usize,
    findings: Vec<Shown>,
    more: usize,
}

struct Shown {
    rule: String,
    title: String,
    object: Option<String>,
    detail: Vec<String>,
    references: Vec<(String, Option<String>)>,
    fixable: bool,
    new: bool,
    diffs: Vec<Vec<(&'static str, String)>>,
}

struct Ignored {
    rule: String,
    object: String,
    reason: String,
}

/// The page.
///
/// # Errors
/// An [`io::Error`] if the template fails, which does not happen when it writes to memory.
pub(super) fn page(audit: &Audit) -> io::Result<String> {
    let threshold = audit.terms.threshold;
    let mut clusters: Vec<&Audited> = audit.clusters.iter().collect();
    clusters.sort_by_cached_key(|cluster| Summary::of(cluster).place());
    let mut room = Room { findings: MOST_OF_PAGE, pictures: MOST_PICTURES };
    let counting = clusters.iter().map(|cluster| cluster.counts().counting).sum();
    let page = Page {
        style: STYLE,
        style_digest: STANDARD.encode(Sha256::digest(STYLE)),
        verdict: verdict(audit.verdict(), counting, threshold),
        time: audit.terms.now.to_string(),
        phase: clean(&format!("{} {}", audit.phase.id, audit.phase.version)),
        digest: clean(&audit.phase.digest),
        fail_on: threshold.as_str(),
        rules: audit.rules.len(),
        matrix: (clusters.len() > 1).then(|| matrix(&clusters)),
        clusters: clusters
            .iter()
            .enumerate()
            .map(|(number, cluster)| of_cluster(cluster, number, threshold, &mut room))
            .collect(),
    };
    page.render().map_err(io::Error::other)
}

fn anchor(number: usize) -> String {
    format!("cluster-{}", number + 1)
}

fn verdict(verdict: AuditVerdict, counting: usize, threshold: Threshold) -> Verdict {
    let sentence = match (verdict, threshold, counting) {
        (AuditVerdict::Unknown, ..) => "could not be audited completely".to_owned(),
        (AuditVerdict::Findings, Threshold::At(severity), 1) => format!("1 finding at or above {}", severity.as_str()),
        (AuditVerdict::Findings, Threshold::At(severity), more) => format!("{more} findings at or above {}", severity.as_str()),
        (_, Threshold::At(severity), _) => format!("no finding at or above {}", severity.as_str()),
        (_, Threshold::Never, _) => "no finding counts, because of --fail-on never".to_owned(),
    };
    Verdict { class: verdict.as_str(), sentence }
}

fn matrix(clusters: &[&Audited]) -> Matrix {
    let of_clusters: Vec<BTreeMap<&str, (usize, Severity)>> = clusters.iter().map(|cluster| by_rule(cluster)).collect();
    let mut worst: BTreeMap<&str, Severity> = BTreeMap::new();
    for (rule, (_, severity)) in of_clusters.iter().flatten() {
        let seen = worst.entry(rule).or_insert(*severity);
        *seen = (*seen).max(*severity);
    }
    let mut rules: Vec<(&str, Severity)> = worst.into_iter().collect();
    rules.sort_by_key(|(rule, severity)| (std::cmp::Reverse(*severity), *rule));
    let rows = clusters.iter().zip(&of_clusters).enumerate().map(|(number, (cluster, found))| {
        let cell = |rule: &str| found.get(rule).map(|(count, severity)| (*count, severity.as_str()));
        let cells = rules.iter().map(|(rule, _)| cell(rule)).collect();
        Row {
            anchor: anchor(number),
            name: visible(&cluster.cluster),
            verdict: cluster.verdict().as_str(),
            known: cluster.result.is_ok(),
            cells,
        }
    });
    let rows = rows.collect();
    let totals = Summary::totals(clusters.iter().map(|cluster| cluster.verdict()));
    Matrix { totals, rules: rules.into_iter().map(|(rule, severity)| (clean(rule), severity.as_str())).collect(), rows }
}

/// How often each rule was found in a cluster, and how bad the worst is.
fn by_rule(cluster: &Audited) -> BTreeMap<&str, (usize, Severity)> {
    let mut found = BTreeMap::new();
    for Judged { finding, .. } in cluster.open() {
        let (count, worst) = found.entry(finding.rule.as_str()).or_insert((0, finding.severity));
        *count += 1;
        *worst = finding.severity.max(*worst);
    }
    found
}

fn of_cluster(cluster: &Audited, number: usize, threshold: Threshold, room: &mut Room) -> Cluster {
    let counts = cluster.counts();
    let scope = &cluster.scope;
    let objects = scope.objects.iter().map(|(kind, count)| format!("{count} {}", clean(kind))).collect::<Vec<_>>().join(", ");
    let facts = [
        ("time", scope.begun.map(|time| time.to_string())),
        ("checked", Some(objects).filter(|text| !text.is_empty())),
        ("read as", scope.user.as_deref().map(clean)),
        ("uid", scope.uid.as_deref().map(clean)),
    ];
    let severities = counts.by_severity().filter(|(_, count)| *count > 0).map(|(severity, count)| {
        let found = cluster.open().filter(|judged| judged.finding.severity == severity).take(MOST_FINDINGS.min(room.findings));
        let findings: Vec<Shown> = found.map(|judged| shown(cluster, judged)).collect();
        room.findings -= findings.len();
        OfSeverity { name: severity.as_str(), count, more: count - findings.len(), findings }
    });
    let ignored = cluster.findings().iter().filter_map(|judged| match &judged.weight {
        Weight::Ignored(reason) => Some(Ignored {
            rule: clean(&judged.finding.rule),
            object: judged.finding.target.as_ref().map(qualified).unwrap_or_default(),
            reason: clean(reason),
        }),
        Weight::Counts | Weight::Below => None,
    });
    let is_bad: BTreeSet<(String, String)> = cluster
        .open()
        .filter(|judged| judged.finding.severity >= Severity::Medium)
        .filter_map(|judged| judged.finding.target.as_ref())
        .map(|target| (target.of.kind().to_owned(), target.name.to_string()))
        .collect();
    let severities = severities.collect();
    let is_drawn = !scope.rights.is_empty() && room.pictures > 0;
    room.pictures -= usize::from(is_drawn);
    Cluster {
        anchor: anchor(number),
        name: visible(&cluster.cluster),
        verdict: verdict(cluster.verdict(), counts.counting, threshold),
        failure: cluster.result.as_ref().err().map(|lines| cleaned(&lines.join("\n"))),
        facts: facts.into_iter().filter_map(|(name, text)| Some((name, text?))).collect(),
        counts: counts.by_severity().map(|(severity, count)| (severity.as_str(), count)).collect(),
        severities,
        ignored: ignored.collect(),
        hint: scope.fixes == Fixes::NotAsked && cluster.open().any(|judged| cluster.is_fixable(judged) == Some(true)),
        picture: is_drawn.then(|| Picture::of(&scope.rights, &is_bad)),
    }
}

fn shown(cluster: &Audited, judged: &Judged) -> Shown {
    let Finding { rule, title, detail, target, references, remedy, .. } = &judged.finding;
    let changes = remedy.iter().filter_map(|operation| cluster.scope.changes.get(operation));
    let references =
        references.iter().map(|reference| (clean(reference), Some(reference).filter(|text| is_address(text)).cloned()));
    Shown {
        rule: clean(rule),
        title: visible(title),
        object: target.as_ref().map(qualified),
        detail: detail.lines().map(clean).filter(|line| !line.trim().is_empty()).collect(),
        references: references.collect(),
        fixable: cluster.is_fixable(judged) == Some(true),
        new: judged.novelty == Some(Novelty::New),
        diffs: changes.map(diff).collect(),
    }
}

/// A text that stands alone, as a heading or a link: never nothing.
fn visible(text: &str) -> String {
    let text = clean(text);
    if text.trim().is_empty() { "without a name".to_owned() } else { text }
}

/// The lines of a diff, each with what it is: the first line, which names the object for `diff`, is said by the finding.
fn diff(change: &ChangedDocument) -> Vec<(&'static str, String)> {
    let mut lines: Vec<_> =
        change.diff.iter().skip(1).take(MOST_LINES).map(|line| (DiffLine::of(line).name(), clean(line))).collect();
    if change.diff.len() > MOST_LINES + 1 {
        lines.push(("place", "… the plan has all lines".to_owned()));
    }
    lines
}
