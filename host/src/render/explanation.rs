//! What rules, steps and causes mean, for `explain`.

use super::line::{Fold, Line};
use super::table::table;
use super::terminal::Printer;
use kubephase_core::description::RuleDescription;
use kubephase_core::finding::Severity;
use kubephase_core::join::{Reason, Step};
use std::io;

/// The columns before a text.
const TEXT: usize = 6;

/// Prints a table of all rules, of all steps, and of all causes.
///
/// # Errors
/// An [`io::Error`] if the output cannot be written.
pub fn listed(rules: &[RuleDescription], printer: &Printer<'_>) -> io::Result<()> {
    let rules = rules.iter().map(|rule| [rule.id.clone(), rule.severity.as_str().to_owned(), rule.title.clone()]);
    table(["RULE", "SEVERITY", "FINDS"], rules, printer)?;
    printer.line("")?;
    let steps = Step::ALL.into_iter().map(|step| [step.name().to_owned(), first_sentence(step.about()).to_owned()]);
    table(["STEP", "WHAT A NODE DOES"], steps, printer)?;
    printer.line("")?;
    let causes = Reason::ALL.iter().map(|reason| [reason.name().to_owned(), first_sentence(reason.meaning()).to_owned()]);
    table(["CAUSE", "WHY A STEP FAILS"], causes, printer)
}

/// Explains what has one name.
///
/// # Errors
/// An [`io::Error`] if the output cannot be written.
pub fn explained(
    rule: Option<&RuleDescription>,
    step: Option<Step>,
    reason: Option<Reason>,
    printer: &Printer<'_>,
) -> io::Result<()> {
    let all = [rule.map(of_rule), step.map(of_step), reason.map(of_reason)].into_iter().flatten().collect::<Vec<_>>();
    all.join(&Line::plain("", Fold::Never)).iter().try_for_each(|line| printer.print(line))
}

fn of_rule(rule: &RuleDescription) -> Vec<Line> {
    let id = &rule.id;
    let mut lines = vec![
        Line::bold(id.as_str(), format!(" ({}): {}", rule.severity.as_str(), rule.title), Fold::Below(TEXT)),
        Line::bold("why:", format!("  {}", rule.description), Fold::Below(TEXT)),
    ];
    if rule.severity > Severity::Info {
        let text = "   review the plan that fixes it and everything else that is safe to fix; where a person must decide, the finding says so";
        lines.push(Line::bold("do:", text, Fold::Below(TEXT)));
        lines.extend(recipe(id).map(|command| Line::plain(format!("        kubectl bootstrap-token {command}"), Fold::Never)));
    } else {
        lines.push(Line::bold("do:", "   nothing, if this is intended", Fold::Below(TEXT)));
    }
    lines.extend(rule.references.iter().map(|reference| Line::bold("read:", format!(" {reference}"), Fold::Never)));
    lines
}

/// From a finding to its fix.
fn recipe(id: &str) -> [String; 3] {
    [
        format!("audit --fix-out plan.json --fix={id}"),
        "plan show plan.json -o diff".to_owned(),
        "apply --plan plan.json".to_owned(),
    ]
}

fn of_step(step: Step) -> Vec<Line> {
    vec![
        Line::bold(step.name(), ": a step of a joining node", Fold::Below(TEXT)),
        Line::bold("what:", format!(" {}", step.about()), Fold::Below(TEXT)),
        Line::bold("do:", "   see whether it works for a token, and why not", Fold::Below(TEXT)),
        Line::plain("        kubectl bootstrap-token check TOKEN", Fold::Never),
        Line::bold("read:", format!(" {}", step.source()), Fold::Never),
    ]
}

fn of_reason(reason: Reason) -> Vec<Line> {
    vec![
        Line::bold(reason.name(), ": a cause of `check`", Fold::Below(TEXT)),
        Line::bold("what:", format!(" {}", reason.meaning()), Fold::Below(TEXT)),
        Line::bold("do:", format!("   {}", reason.cure()), Fold::Below(TEXT)),
        Line::bold("read:", format!(" {}", reason.source()), Fold::Never),
    ]
}

fn first_sentence(text: &str) -> &str {
    text.split_once(". ").map_or(text, |(first, _)| first).trim_end_matches('.')
}
