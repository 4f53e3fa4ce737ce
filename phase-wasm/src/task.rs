//! The tasks of the phase: a file for each, and the list of them.

mod apply;
mod audit;
mod create;
mod delete;
mod fix;
mod renew;
mod rotate;

use crate::abi::{Failure, Needs, Permission, Plan, Request};
use alloc::{format, vec::Vec};

/// Something the phase can be asked to do.
pub struct Task {
    /// The name by which requests ask for it.
    pub name: &'static str,
    /// What it does, one line; `phase inspect` prints it.
    pub summary: &'static str,
    /// JSON Schema of the parameters that its requests may have.
    pub parameters: &'static str,
    /// All that it may ever ask for. The host refuses everything else.
    pub permissions: fn() -> Vec<Permission>,
    /// What must be known before there can be a plan.
    pub need: fn(&Request) -> Result<Needs, Failure>,
    /// What should be done.
    pub plan_for: fn(&Request) -> Result<Plan, Failure>,
}

/// All tasks, in the order in which they are described.
pub const TASKS: [&Task; 7] = [&apply::TASK, &create::TASK, &renew::TASK, &rotate::TASK, &delete::TASK, &audit::TASK, &fix::TASK];

fn asked(request: &Request) -> Result<&'static Task, Failure> {
    let named = TASKS.into_iter().find(|task| task.name == request.task);
    named.ok_or_else(|| Failure::Unsupported(format!("there is no task `{}`", request.task)))
}

/// What must be known before there can be a plan.
///
/// # Errors
/// [`Failure::Unsupported`] for a task that is not in [`TASKS`], and the failures of the task itself.
pub fn need(request: &Request) -> Result<Needs, Failure> {
    (asked(request)?.need)(request)
}

/// What should be done.
///
/// # Errors
/// As [`need`].
pub fn plan_for(request: &Request) -> Result<Plan, Failure> {
    (asked(request)?.plan_for)(request)
}
