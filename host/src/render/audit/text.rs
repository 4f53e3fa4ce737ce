//! An audit as text: grouped by severity, the worst first.

use crate::render::line::{Fold, Line, folded};
use crate::render::terminal::{Printer, clean};
use anstyle::{AnsiColor, Style};
use kubephase_core::audit::{Audit, Audited, Counts, Fixes, Judged, Novelty, Threshold, Weight, qualified};
use kubephase_core::finding::{Finding, Severity};
use kubephase_core::name::shortened_to;
use kubephase_core::saved::PhaseDocument;
use std::io;

/// The limits of the output for a cluster: findings, lines of the text of one as they are seen, and characters per line.
const MOST_FINDINGS: usize = 100;
const MOST_LINES: usize = 4;
const LINE_CHARACTERS: usize = 500;
/// The indentation of a finding below its severity, and of its text below the finding.
const INDENT: &str = "  ";
/// How much a line that is too long goes on indented, columns.
const BELOW: usize = 2 * INDENT.len();

/// Prints an audit.
///
/// # Errors
/// An [`io::Error`] if the output cannot be written.
pub fn print(audit: &Audit, printer: &Printer<'_>) -> io::Result<()> {
    lines(audit, printer.columns()).iter().try_for_each(|line| printer.print(line))
}

/// All lines, for a terminal that is so wide; `None` if it is no terminal.
pub(super) fn lines(audit: &Audit, columns: Option<usize>) -> Vec<Line> {
    let mut lines = Vec::new();
    let is_one = audit.clusters.len() == 1;
    // Why there is no answer is on standard error; there is nothing to add for a single cluster.
    for cluster in audit.clusters.iter().filter(|cluster| !is_one || cluster.result.is_ok()) {
        lines.extend(head(audit, cluster));
        lines.extend(of_cluster(cluster, audit.terms.threshold, columns));
        if !is_one {
            lines.push(Line::plain("", Fold::Never));
        }
    }
    if !is_one {
        let failed = audit.clusters.iter().filter(|cluster| cluster.result.is_err()).count();
        let failed = if failed > 0 { format!("; {failed} could not be audited") } else { String::new() };
        let count = audit.clusters.len();
        lines.push(Line::plain(format!("{count} clusters: {}{failed}", audit.verdict().as_str()), Fold::Below(0)));
    }
    lines
}

/// Which cluster was audited, when and by what, and how much was looked at.
fn head(audit: &Audit, cluster: &Audited) -> Vec<Line> {
    let PhaseDocument { id, version, .. } = &audit.phase;
    let by = format!("  {} by {id} {version}", cluster.time(audit));
    let mut lines = vec![Line::bold(format!("cluster {}", cluster.cluster), by, Fold::Below(BELOW))];
    if cluster.result.is_ok() {
        let who = [("uid", &cluster.scope.uid), ("read as", &cluster.scope.user)];
        let who =
            who.into_iter().filter_map(|(what, who)| Some(format!("{what} {}", shortened_to(who.as_ref()?, LINE_CHARACTERS))));
        let who = who.collect::<Vec<_>>().join(", ");
        lines.extend((!who.is_empty()).then(|| Line::plain(who, Fold::Below(BELOW))));
        let kinds = cluster.scope.objects.iter().map(|(kind, count)| format!("{count} {kind}"));
        let kinds = kinds.collect::<Vec<_>>().join(", ");
        let rules = if audit.rules.is_empty() { String::new() } else { format!(" against {} rules", audit.rules.len()) };
        let looked = if kinds.is_empty() { "nothing was checked".to_owned() } else { format!("checked {kinds}{rules}") };
        lines.push(Line::plain(looked, Fold::Below(BELOW)));
        lines.push(Line::plain("", Fold::Never));
    }
    lines
}

fn of_cluster(cluster: &Audited, threshold: Threshold, columns: Option<usize>) -> Vec<Line> {
    if cluster.result.is_err() {
        return vec![Line::plain("could not be audited", Fold::Never)];
    }
    let counts = cluster.counts();
    let mut lines = Vec::new();
    let mut left = MOST_FINDINGS;
    for (severity, count) in counts.by_severity().filter(|(_, count)| *count > 0) {
        let (words, rest) = (severity.as_str().to_owned(), format!(" ({count})"));
        lines.push(Line { style: style(severity), words, rest, fold: Fold::Never });
        let shown = cluster.open().filter(|judged| judged.finding.severity == severity).take(left);
        let shown: Vec<Vec<Line>> = shown.map(|judged| of_finding(judged, cluster.is_fixable(judged), columns)).collect();
        left -= shown.len();
        if let Some(more) = count.checked_sub(shown.len()).filter(|more| *more > 0) {
            lines.extend(shown.into_iter().flatten());
            lines.push(Line::plain(format!("{INDENT}and {more} more; -o json has all"), Fold::Never));
        } else {
            lines.extend(shown.into_iter().flatten());
        }
        lines.push(Line::plain("", Fold::Never));
    }
    lines.push(summary(counts, threshold));
    let counting = cluster.findings().iter().find(|judged| judged.weight == Weight::Counts);
    lines.extend(counting.map(|judged| first(judged, fix_hint(cluster, counts).as_deref())));
    lines
}

/// What to begin with: the worst finding that counts.
fn first(judged: &Judged, hint: Option<&str>) -> Line {
    let Finding { rule, target, .. } = &judged.finding;
    let object = target.as_ref().map(|target| format!("  {}", qualified(target))).unwrap_or_default();
    let hint = hint.map(|hint| format!("; {hint}")).unwrap_or_default();
    let text = format!("begin with {}{object}{hint}", shortened_to(rule, LINE_CHARACTERS));
    Line::plain(text, Fold::Below(BELOW))
}

/// What `--fix-out` would fix, if it was not given and would fix something.
fn fix_hint(cluster: &Audited, counts: Counts) -> Option<String> {
    if cluster.scope.fixes == Fixes::Planned {
        return None;
    }
    let fixable: Vec<Option<bool>> = cluster.open().map(|judged| cluster.is_fixable(judged)).collect();
    let fixed = match fixable.iter().filter(|fixable| **fixable == Some(true)).count() {
        0 if fixable.contains(&None) => "what can be fixed".to_owned(),
        0 => return None,
        count => format!("{count} of {}", counts.total()),
    };
    Some(format!("`--fix-out FILE` saves a plan that fixes {fixed}"))
}

/// The lines of a finding: what, how it is fixed, and as much of why as there is room for.
fn of_finding(judged: &Judged, fixable: Option<bool>, columns: Option<usize>) -> Vec<Line> {
    let finding = &judged.finding;
    let object = finding.target.as_ref().map(|target| format!("  {}", qualified(target))).unwrap_or_default();
    let fixable = if fixable == Some(true) { "  (fixable)" } else { "" };
    let new = if judged.novelty == Some(Novelty::New) { "  (new)" } else { "" };
    let rule = shortened_to(&finding.rule, LINE_CHARACTERS);
    let mut lines = vec![Line::bold(format!("{INDENT}{rule}"), format!("{object}{fixable}{new}"), Fold::Below(BELOW))];
    let words = std::iter::once(finding.title.as_str()).chain(finding.detail.lines());
    let references = finding.references.iter().map(|reference| format!("see {reference}"));
    let all = words.map(str::to_owned).chain(references).filter(|line| !line.trim().is_empty());
    let text = all.map(|line| format!("{INDENT}{INDENT}{}", clean(&shortened_to(&line, LINE_CHARACTERS))));
    lines.extend(fitted(text, columns).into_iter().map(|line| Line::plain(line, Fold::Never)));
    lines
}

/// The first lines as they are seen; the last one says if there are more.
fn fitted(texts: impl Iterator<Item = String>, columns: Option<usize>) -> Vec<String> {
    let fold = |text: String| columns.map_or_else(|| vec![text.clone()], |columns| folded(&text, columns, BELOW));
    let mut lines: Vec<String> = texts.flat_map(fold).take(MOST_LINES + 1).collect();
    if lines.len() > MOST_LINES {
        lines.truncate(MOST_LINES);
        if let Some(last) = lines.last_mut() {
            // A word makes room for the mark.
            let room = columns.unwrap_or(usize::MAX).saturating_sub(2);
            if last.chars().count() > room {
                last.truncate(last.rfind(' ').unwrap_or(last.len()));
            }
            last.push_str(" …");
        }
    }
    lines
}

/// The totals of the audit.
fn summary(counts: Counts, threshold: Threshold) -> Line {
    let total = counts.total();
    let each = counts.by_severity().filter(|(_, count)| *count > 0);
    let each: Vec<String> = each.map(|(severity, count)| format!("{count} {}", severity.as_str())).collect();
    let each = if each.is_empty() { String::new() } else { format!(": {}", each.join(", ")) };
    let total = match total {
        0 => "no findings".to_owned(),
        1 => "1 finding".to_owned(),
        more => format!("{more} findings"),
    };
    let counting = match threshold {
        Threshold::At(severity) if counts.counting > 0 => format!("; {} at or above {}", counts.counting, severity.as_str()),
        Threshold::At(_) | Threshold::Never => String::new(),
    };
    let ignored = if counts.ignored > 0 { format!("; {} ignored", counts.ignored) } else { String::new() };
    Line::plain(format!("{total}{each}{counting}{ignored}"), Fold::Below(0))
}

const fn style(severity: Severity) -> Style {
    let colour = match severity {
        Severity::Critical | Severity::High => AnsiColor::Red,
        Severity::Medium => AnsiColor::Yellow,
        Severity::Low => AnsiColor::Cyan,
        Severity::Info => return Style::new().bold(),
    };
    colour.on_default().bold()
}
