//! What happened, as data.

use crate::object::ObjectRef;
use crate::operation::OperationId;

/// What happened to the operations of a plan.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Report {
    /// How far the run went.
    pub mode: Mode,
    /// One entry per operation, in the plan's order.
    pub entries: Vec<Entry>,
}

/// How far a run went.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mode {
    /// Planned only.
    Client,
    /// Tried by the API server, not stored.
    Server,
    /// Carried out.
    Applied,
}

/// What happened to one operation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// The operation.
    pub id: OperationId,
    /// Its object.
    pub target: ObjectRef,
    /// Why it was proposed.
    pub reason: String,
    /// What happened.
    pub result: EntryResult,
}

/// What happened to an operation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum EntryResult {
    /// It succeeded, or would.
    Done(Effect),
    /// It failed.
    Failed(String),
    /// It was not tried since another one failed.
    NotDone,
}

/// What became of an object.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Effect {
    /// It is new.
    Created,
    /// It changed.
    Updated,
    /// It is as it was.
    Unchanged,
    /// It is gone.
    Deleted,
}

impl Effect {
    /// The word for it.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Created => "created",
            Self::Updated => "updated",
            Self::Unchanged => "unchanged",
            Self::Deleted => "deleted",
        }
    }
}

impl Report {
    /// Whether every operation succeeded.
    #[must_use]
    pub fn is_complete(&self) -> bool {
        self.entries.iter().all(|entry| matches!(entry.result, EntryResult::Done(_)))
    }

    /// How many operations changed something.
    #[must_use]
    pub fn changes(&self) -> usize {
        let is_change = |entry: &&Entry| matches!(entry.result, EntryResult::Done(effect) if effect != Effect::Unchanged);
        self.entries.iter().filter(is_change).count()
    }
}
