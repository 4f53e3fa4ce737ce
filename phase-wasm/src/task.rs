//! The tasks, and who answers for each.

use crate::abi::{Failure, Needs, Plan, Request};
use crate::audit::Purpose;
use crate::{apply, audit, create, delete};
use alloc::format;

/// What the phase can be asked to do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Task {
    /// Make the tokens, the RBAC objects and cluster-info.
    Apply,
    /// Make tokens.
    Create,
    /// Delete tokens.
    Delete,
    /// Find what is wrong.
    Audit,
    /// Cure what is wrong.
    Fix,
}

impl Task {
    /// All of them.
    pub const ALL: [Self; 5] = [Self::Apply, Self::Create, Self::Delete, Self::Audit, Self::Fix];

    /// Its name in requests.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Apply => "apply",
            Self::Create => "create",
            Self::Delete => "delete",
            Self::Audit => "audit",
            Self::Fix => "fix",
        }
    }

    fn of(request: &Request) -> Result<Self, Failure> {
        let named = Self::ALL.into_iter().find(|task| task.name() == request.task);
        named.ok_or_else(|| Failure::Unsupported(format!("there is no task `{}`", request.task)))
    }
}

/// What must be known before there can be a plan.
///
/// # Errors
/// [`Failure::Unsupported`] for a task that was not described, and what the task finds.
pub fn need(request: &Request) -> Result<Needs, Failure> {
    match Task::of(request)? {
        Task::Apply => apply::need(request),
        Task::Create => create::need(request),
        Task::Delete => delete::need(request),
        Task::Audit | Task::Fix => audit::need(request),
    }
}

/// What should be done.
///
/// # Errors
/// As [`need`].
pub fn plan_for(request: &Request) -> Result<Plan, Failure> {
    match Task::of(request)? {
        Task::Apply => apply::plan_for(request),
        Task::Create => create::plan_for(request),
        Task::Delete => delete::plan_for(request),
        Task::Audit => audit::plan_for(request, Purpose::Audit),
        Task::Fix => audit::plan_for(request, Purpose::Fix),
    }
}
