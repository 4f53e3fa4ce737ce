//! The result of `check`, as text and as a document. It contains no secrets.

use super::document::Shown;
use super::line::{Fold, Line};
use super::terminal::Printer;
use anstyle::{AnsiColor, Style};
use kubephase_core::document::{DocumentHead, DocumentKind};
use kubephase_core::join::{self, Cause, Diagnosis, Evidence, JoinCommand, JoinVerdict, KubeconfigUse, Taken};
use serde::Serialize;
use std::io;

/// The result for one command.
#[derive(Debug, Clone, Copy)]
pub struct Examined<'a> {
    /// The command.
    pub join: &'a JoinCommand,
    /// What a joining node observes.
    pub evidence: &'a Evidence,
    /// The conclusion.
    pub diagnosis: &'a Diagnosis,
    /// Whether a kubeconfig was used as well.
    pub kubeconfig: &'a KubeconfigUse,
}

impl Shown for Examined<'_> {
    /// Prints the steps, the causes and the verdict.
    fn text(&self, printer: &Printer<'_>) -> io::Result<()> {
        one_text(self, printer)
    }

    fn document(&self) -> impl Serialize {
        of(self)
    }
}

/// Prints the same to standard error, after the output of another command; if a node can join, only the verdict.
///
/// # Errors
/// An [`io::Error`] if the output cannot be written.
pub fn aside(examined: &[Examined<'_>], printer: &Printer<'_>) -> io::Result<()> {
    for one in examined {
        let about = format!("token {}: {}", one.join.login.id(), one.diagnosis.verdict.sentence());
        if one.diagnosis.verdict != JoinVerdict::Joins {
            lines(one).iter().try_for_each(|line| printer.message(&line.text()))?;
        }
        printer.message(&about)?;
    }
    Ok(())
}

/// The columns before the detail of a step, and before the text of a cause.
const DETAIL: usize = 31;
const TEXT: usize = 7;

/// A line for each step, an empty line, and the causes.
fn lines(examined: &Examined<'_>) -> Vec<Line> {
    let step = |taken: &Taken| {
        let words = format!("{:<8}", taken.result.name());
        let rest = format!(" {:<21} {}", taken.step.name(), taken.detail);
        Line { style: style(taken.result), words, rest, fold: Fold::Below(DETAIL) }
    };
    let empty = Line::plain("", Fold::Never);
    examined.evidence.steps.iter().map(step).chain([empty]).chain(causes(&examined.diagnosis.causes)).collect()
}

const fn style(result: join::Result) -> Style {
    match result {
        join::Result::Ok => AnsiColor::Green.on_default(),
        join::Result::Failed(_) => AnsiColor::Red.on_default().bold(),
        join::Result::Skipped | join::Result::NotTaken => Style::new().dimmed(),
    }
}

/// The causes, and after those that one cure fixes this cure, once. The lines of a cure are pasted as they are.
fn causes(causes: &[Cause]) -> Vec<Line> {
    let mut lines = Vec::new();
    for (index, first) in causes.iter().enumerate() {
        let is_of = |cause: &&Cause| cause.cure == first.cure;
        if causes.iter().take(index).any(|cause| is_of(&cause)) {
            continue;
        }
        let cause = |cause: &Cause| Line::bold("cause:", format!(" {} [{}]", cause.text, cause.reason.name()), Fold::Below(TEXT));
        lines.extend(causes.iter().filter(is_of).map(cause));
        let heads = std::iter::once("cure: ").chain(std::iter::repeat("      "));
        let cure = heads.zip(first.cure.lines()).map(|(head, line)| Line::bold(head, format!(" {line}"), Fold::Never));
        lines.extend(cure);
    }
    lines
}

fn one_text(examined: &Examined<'_>, printer: &Printer<'_>) -> io::Result<()> {
    lines(examined).iter().try_for_each(|line| printer.print(line))?;
    let Diagnosis { verdict, causes } = examined.diagnosis;
    printer.print(&Line::bold(verdict.sentence(), "", Fold::Below(0)))?;
    match examined.kubeconfig {
        KubeconfigUse::NotUsed(why) => printer.message(&format!("warning: the kubeconfig was not used: {why}")),
        KubeconfigUse::Absent if !causes.is_empty() => {
            printer.message("hint: with a kubeconfig of the cluster, the cause can be narrowed down")
        }
        KubeconfigUse::Absent | KubeconfigUse::Used => Ok(()),
    }
}

#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase")]
pub(crate) struct CheckDocument<'a> {
    #[serde(flatten)]
    head: DocumentHead,
    /// The address that the node would join at.
    endpoint: &'a str,
    /// The id of the token.
    token_id: &'a str,
    /// Whether a node could join.
    #[cfg_attr(test, schemars(with = "kubephase_core::join::JoinVerdict"))]
    verdict: &'static str,
    /// Whether a kubeconfig was `used`, `not-used` or `absent`.
    kubeconfig: &'static str,
    /// Why the kubeconfig was not used.
    #[serde(skip_serializing_if = "Option::is_none")]
    kubeconfig_problem: Option<&'a str>,
    /// The steps of a joining node, in their order.
    steps: Vec<StepDocument<'a>>,
    /// Why steps fail.
    causes: Vec<CauseDocument<'a>>,
}

/// A step of a joining node.
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
struct StepDocument<'a> {
    /// The step.
    #[cfg_attr(test, schemars(with = "kubephase_core::join::Step"))]
    step: &'static str,
    /// What became of it: `ok`, `failed` or `skipped`.
    result: &'static str,
    /// What was seen.
    detail: &'a str,
}

/// Why a step fails, and what to do.
#[derive(Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
struct CauseDocument<'a> {
    /// The first step that fails because of it.
    #[cfg_attr(test, schemars(with = "kubephase_core::join::Step"))]
    step: &'static str,
    /// The name of the cause, which `explain` takes.
    #[cfg_attr(test, schemars(with = "kubephase_core::join::Reason"))]
    reason: &'static str,
    /// The explanation.
    cause: &'a str,
    /// The commands to run, a line each; what is not a command is a comment line.
    cure: &'a str,
}

fn of<'a>(examined: &Examined<'a>) -> CheckDocument<'a> {
    let (kubeconfig, kubeconfig_problem) = match examined.kubeconfig {
        KubeconfigUse::Absent => ("absent", None),
        KubeconfigUse::Used => ("used", None),
        KubeconfigUse::NotUsed(why) => ("not-used", Some(why.as_str())),
    };
    let steps = examined.evidence.steps.iter();
    let causes = examined.diagnosis.causes.iter();
    CheckDocument {
        head: DocumentKind::JoinCheck.head(),
        endpoint: examined.join.endpoint.as_str(),
        token_id: examined.join.login.id(),
        verdict: examined.diagnosis.verdict.name(),
        kubeconfig,
        kubeconfig_problem,
        steps: steps
            .map(|taken| StepDocument { step: taken.step.name(), result: taken.result.name(), detail: &taken.detail })
            .collect(),
        causes: causes
            .map(|cause| CauseDocument {
                step: cause.step.name(),
                reason: cause.reason.name(),
                cause: &cause.text,
                cure: &cause.cure,
            })
            .collect(),
    }
}
