//! The result of `check`, as text and as a document. It contains no secrets.

use super::document::{API_VERSION, Shown};
use super::terminal::Printer;
use kubephase_core::join::{Diagnosis, Evidence, JoinCommand, JoinVerdict, KubeconfigUse};
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

/// The results for all commands.
#[derive(Debug, Clone, Copy)]
pub struct Checked<'a>(pub &'a [Examined<'a>]);

impl Shown for Checked<'_> {
    /// Prints the steps, causes and verdict of each command.
    fn text(&self, printer: &Printer<'_>) -> io::Result<()> {
        let Self(examined) = self;
        for (number, one) in examined.iter().enumerate() {
            if number > 0 {
                printer.line("")?;
            }
            if examined.len() > 1 {
                printer.line(&format!("token {} at {}", one.join.login.id(), one.join.endpoint))?;
            }
            one_text(one, printer)?;
        }
        Ok(())
    }

    fn document(&self) -> impl Serialize {
        match self.0 {
            [one] => CheckedDocument::One(of(one)),
            several => {
                let items = several.iter().map(of).collect();
                CheckedDocument::Several(ListDocument { api_version: API_VERSION, kind: "JoinCheckList", items })
            }
        }
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
            lines(one).iter().try_for_each(|line| printer.message(line))?;
        }
        printer.message(&about)?;
    }
    Ok(())
}

/// A line for each step, an empty line, and the causes.
fn lines(examined: &Examined<'_>) -> Vec<String> {
    let steps = examined.evidence.steps.iter();
    let steps = steps.map(|taken| format!("{:<8} {:<21} {}", taken.result.name(), taken.step.name(), taken.detail));
    let causes = examined.diagnosis.causes.iter();
    let causes = causes.flat_map(|cause| [format!("cause: {}", cause.text), format!("cure:  {}", cause.cure)]);
    steps.chain(std::iter::once(String::new())).chain(causes).collect()
}

fn one_text(examined: &Examined<'_>, printer: &Printer<'_>) -> io::Result<()> {
    lines(examined).iter().try_for_each(|line| printer.line(line))?;
    let Diagnosis { verdict, causes } = examined.diagnosis;
    printer.line(verdict.sentence())?;
    match examined.kubeconfig {
        KubeconfigUse::NotUsed(why) => printer.message(&format!("warning: the kubeconfig was not used: {why}")),
        KubeconfigUse::Absent if !causes.is_empty() => {
            printer.message("hint: with a kubeconfig of the cluster, the cause can be narrowed down")
        }
        KubeconfigUse::Absent | KubeconfigUse::Used => Ok(()),
    }
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct CheckDocument<'a> {
    api_version: &'static str,
    kind: &'static str,
    endpoint: &'a str,
    token_id: &'a str,
    verdict: &'static str,
    kubeconfig: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    kubeconfig_problem: Option<&'a str>,
    steps: Vec<StepDocument<'a>>,
    causes: Vec<CauseDocument<'a>>,
}

#[derive(Serialize)]
struct StepDocument<'a> {
    step: &'static str,
    result: &'static str,
    detail: &'a str,
}

#[derive(Serialize)]
struct CauseDocument<'a> {
    step: &'static str,
    cause: &'a str,
    cure: &'a str,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct ListDocument<'a> {
    api_version: &'static str,
    kind: &'static str,
    items: Vec<CheckDocument<'a>>,
}

#[derive(Serialize)]
#[serde(untagged)]
enum CheckedDocument<'a> {
    One(CheckDocument<'a>),
    Several(ListDocument<'a>),
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
        api_version: API_VERSION,
        kind: "JoinCheck",
        endpoint: examined.join.endpoint.as_str(),
        token_id: examined.join.login.id(),
        verdict: examined.diagnosis.verdict.name(),
        kubeconfig,
        kubeconfig_problem,
        steps: steps
            .map(|taken| StepDocument { step: taken.step.name(), result: taken.result.name(), detail: &taken.detail })
            .collect(),
        causes: causes.map(|cause| CauseDocument { step: cause.step.name(), cause: &cause.text, cure: &cause.cure }).collect(),
    }
}
