//! The results of the steps.

use crate::cluster::ClusterError;
use crate::cluster::error::ClusterErrorKind;
use kubephase_core::join::{Result, Step, StepProblem, Taken};
use kubephase_core::name::shortened_to;

/// The maximum length of a detail, characters: parts of it come from a cluster.
const DETAIL_CHARACTERS: usize = 500;

/// The steps so far.
#[derive(Debug, Default)]
pub(super) struct Steps {
    pub(super) taken: Vec<Taken>,
}

impl Steps {
    fn push(&mut self, step: Step, result: Result, detail: impl Into<String>) {
        let detail = shortened_to(&detail.into(), DETAIL_CHARACTERS).into_owned();
        self.taken.push(Taken { step, result, detail });
    }

    /// Appends further steps.
    pub(super) fn then(&mut self, next: Self) {
        self.taken.extend(next.taken);
    }

    /// The step succeeded.
    pub(super) fn ok(&mut self, step: Step, detail: impl Into<String>) {
        self.push(step, Result::Ok, detail);
    }

    /// The step failed.
    pub(super) fn failed(&mut self, step: Step, problem: StepProblem, detail: impl Into<String>) {
        self.push(step, Result::Failed(problem), detail);
    }

    /// The step failed with an error of the server or the network.
    pub(super) fn error(&mut self, step: Step, error: &ClusterError) {
        self.failed(step, problem(error), one_line(error));
    }

    /// A node would not take this step either.
    pub(super) fn skipped(&mut self, step: Step, why: impl Into<String>) {
        self.push(step, Result::Skipped, why);
    }

    /// The step could not be taken.
    pub(super) fn not_taken(&mut self, step: Step, why: impl Into<String>) {
        self.push(step, Result::NotTaken, why);
    }

    /// These steps could not be taken, because the step `needed` did not succeed.
    pub(super) fn need(&mut self, steps: &[Step], needed: Step) {
        for step in steps {
            self.not_taken(*step, format!("needs {}", needed.name()));
        }
    }

    /// The first step that failed, and its problem.
    pub(super) fn first_problem(&self) -> Option<(Step, StepProblem)> {
        self.taken.iter().find_map(|taken| match taken.result {
            Result::Failed(problem) => Some((taken.step, problem)),
            _ => None,
        })
    }

    /// Whether a step succeeded.
    pub(super) fn is_ok(&self, step: Step) -> bool {
        self.taken.iter().any(|taken| taken.step == step && taken.result == Result::Ok)
    }
}

/// The problem that an error means for a step.
pub(super) const fn problem(error: &ClusterError) -> StepProblem {
    match error.kind {
        ClusterErrorKind::Unavailable => StepProblem::Unreachable,
        ClusterErrorKind::Untrusted => StepProblem::Untrusted,
        ClusterErrorKind::Unauthorized => StepProblem::Unauthorized,
        ClusterErrorKind::Forbidden => StepProblem::Forbidden,
        ClusterErrorKind::NotFound => StepProblem::Missing,
        ClusterErrorKind::Conflict | ClusterErrorKind::Refused | ClusterErrorKind::TooLong | ClusterErrorKind::Unknown => {
            StepProblem::Unanswered
        }
    }
}

/// An error in one line.
pub(super) fn one_line(error: &ClusterError) -> String {
    error.to_string().lines().collect::<Vec<_>>().join(" ")
}
