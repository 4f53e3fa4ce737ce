//! A phase's description of itself.

use crate::finding::Severity;
use crate::name::Identifier;
use crate::permission::Permissions;

/// The identity of a phase and its tasks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Description {
    /// The stable id of the phase.
    pub id: Identifier,
    /// The version of the phase.
    pub version: String,
    /// One sentence that describes the phase.
    pub summary: String,
    /// The tasks it offers.
    pub tasks: Vec<TaskDescription>,
    /// The rules of its audits; empty for a phase of contract 0.1.0, which cannot say them.
    pub rules: Vec<RuleDescription>,
}

/// A rule of an audit, whether it found something or not.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RuleDescription {
    /// The stable id of the rule.
    pub id: String,
    /// How severe a finding is, as a rule.
    pub severity: Severity,
    /// The fault in a few words.
    pub title: String,
    /// Why it matters.
    pub description: String,
    /// Where to read more.
    pub references: Vec<String>,
}

/// A task that a phase offers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TaskDescription {
    /// The name of the task.
    pub name: Identifier,
    /// One sentence that describes the task.
    pub summary: String,
    /// The JSON Schema of its parameters.
    pub parameters: String,
    /// Everything that it may ever read or write.
    pub permissions: Permissions,
}

/// The phase has no such task.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("phase `{phase}` has no task `{task}`; it has {}", if .present.is_empty() { "none".to_owned() } else { .present.join(", ") })]
pub struct NoSuchTask {
    /// The id of the phase.
    pub phase: String,
    /// The requested task.
    pub task: String,
    /// The tasks it offers.
    pub present: Vec<String>,
}

impl Description {
    /// The permissions of all tasks together.
    #[must_use]
    pub fn permissions(&self) -> Permissions {
        Permissions(self.tasks.iter().flat_map(|task| task.permissions.0.iter().cloned()).collect())
    }

    /// The task with this name.
    ///
    /// # Errors
    /// [`NoSuchTask`], with the existing tasks.
    pub fn task(&self, name: &str) -> Result<&TaskDescription, NoSuchTask> {
        self.tasks.iter().find(|task| task.name.as_str() == name).ok_or_else(|| NoSuchTask {
            phase: self.id.to_string(),
            task: name.to_owned(),
            present: self.tasks.iter().map(|task| task.name.to_string()).collect(),
        })
    }
}
