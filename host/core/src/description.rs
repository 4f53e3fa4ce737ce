//! What a phase says of itself.

use crate::name::Identifier;
use crate::permission::Permissions;

/// Who a phase is and what it can be asked to do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Description {
    /// Its stable id.
    pub id: Identifier,
    /// Its version.
    pub version: String,
    /// One sentence for people.
    pub summary: String,
    /// Its tasks.
    pub tasks: Vec<TaskDescription>,
}

/// Something that a phase can be asked to do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TaskDescription {
    /// Its name.
    pub name: Identifier,
    /// One sentence for people.
    pub summary: String,
    /// The JSON Schema of its parameters.
    pub parameters: String,
    /// All that it may ever read or write.
    pub permissions: Permissions,
}

/// A phase has no such task.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("phase `{phase}` has no task `{task}`; it has {}", if .present.is_empty() { "none".to_owned() } else { .present.join(", ") })]
pub struct NoSuchTask {
    /// The phase's id.
    pub phase: String,
    /// The task that was asked for.
    pub task: String,
    /// The tasks that there are.
    pub present: Vec<String>,
}

impl Description {
    /// What all tasks declare, together.
    #[must_use]
    pub fn permissions(&self) -> Permissions {
        Permissions(self.tasks.iter().flat_map(|task| task.permissions.0.iter().cloned()).collect())
    }

    /// The task of a name.
    ///
    /// # Errors
    /// [`NoSuchTask`], with the tasks that there are.
    pub fn task(&self, name: &str) -> Result<&TaskDescription, NoSuchTask> {
        self.tasks.iter().find(|task| task.name.as_str() == name).ok_or_else(|| NoSuchTask {
            phase: self.id.to_string(),
            task: name.to_owned(),
            present: self.tasks.iter().map(|task| task.name.to_string()).collect(),
        })
    }
}
